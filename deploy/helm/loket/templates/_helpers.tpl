{{- define "loket.labels" -}}
app.kubernetes.io/name: loket
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "loket.pick" -}}
app.kubernetes.io/name: loket
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "loket.pod" -}}
runAsNonRoot: true
runAsUser: 10001
fsGroup: 10001
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "loket.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "loket.env" -}}
- name: LOKET_PUBLIC_URL
  value: {{ .Values.publicUrl | quote }}
- name: LOKET_RASA_URL
  value: http://{{ .Release.Name }}-rasa:5005
# Secrets are files, read once at the start: the environment, which every child and every dump of a process shows, holds none.
- name: LOKET_SECRETS_DIR
  value: /run/secrets/loket
{{- with .Values.staffHost }}
- name: LOKET_STAFF_URL
  value: https://{{ . }}
{{- end }}
- name: OTEL_EXPORTER_OTLP_HEADERS
  valueFrom: {secretKeyRef: {name: {{ .Values.secretName }}, key: OTEL_EXPORTER_OTLP_HEADERS, optional: true}}
- name: LOKET_INTERNAL_PORT
  value: "8081"
- name: PROMETHEUS_MULTIPROC_DIR
  value: /tmp
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ $value | quote }}
{{- end }}
{{- end }}
