/** The camera inside the widget: live view with a guide, take, look, retake, use. */

import { h, icon } from "./dom.js";
import { toJpeg } from "./picture.js";

/** Whether a live view can work here at all: browsers give the camera to secure pages only. */
export function cameraWorks() {
  return Boolean(window.isSecureContext && navigator.mediaDevices?.getUserMedia && window.HTMLDialogElement);
}

export class CameraDialog {
  constructor(root, texts) {
    this.root = root;
    this.texts = texts;
  }

  /**
   * Let the person take one picture; `kind` is `selfie` or `document`.
   * Resolves to a File, to `"file"` when they rather choose one, or to null when they give up.
   */
  take(kind) {
    this.kind = kind;
    this.#build();
    this.root.append(this.dialog);
    this.dialog.showModal();
    this.#start();
    return new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  #build() {
    const { texts, kind } = this;
    const selfie = kind === "selfie";
    this.hint = h("p", { class: "camera-hint", role: "status" }, texts.say("cameraStarting"));
    this.video = h("video", { playsinline: true, muted: true, "aria-hidden": "true" });
    this.video.muted = true;
    this.photo = h("canvas", { hidden: true, role: "img", "aria-label": texts.say("cameraPhoto") });
    this.stage = h("div", { class: `stage ${kind}` }, this.video, this.photo, h("div", { class: "guide", "aria-hidden": "true" }));
    this.shutter = this.#button("cameraTake", "camera", () => this.#freeze(), "primary");
    this.shutter.disabled = true;
    this.again = this.#button("cameraRetake", "retry", () => this.#live());
    this.use = this.#button("cameraUse", "check", () => this.#done(), "primary");
    this.other = this.#button("cameraFile", "file", () => this.#close("file"));
    this.again.hidden = this.use.hidden = true;
    const title = texts.say(selfie ? "cameraTitleSelfie" : "cameraTitleDocument");
    const cancel = h("button", { type: "button", class: "icon-button", "aria-label": texts.say("cancel"), onclick: () => this.#close(null) }, icon("close"));
    this.dialog = h(
      "dialog",
      { class: "camera", "aria-labelledby": "camera-title" },
      h("div", { class: "camera-head" }, h("h2", { id: "camera-title" }, title), cancel),
      this.stage,
      this.hint,
      h("div", { class: "camera-buttons" }, this.shutter, this.again, this.use, this.other),
    );
    this.dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close(null);
    });
  }

  #button(key, picture, onclick, extra = "") {
    return h("button", { type: "button", class: `helper ${extra}`, onclick }, icon(picture), this.texts.say(key));
  }

  async #start() {
    try {
      const facingMode = this.kind === "selfie" ? "user" : { ideal: "environment" };
      const size = this.kind === "selfie" ? { width: { ideal: 1280 }, height: { ideal: 960 } } : { width: { ideal: 2400 }, height: { ideal: 1800 } };
      const stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { facingMode, ...size } });
      if (!this.dialog.isConnected) return stream.getTracks().forEach((track) => track.stop());
      this.stream = stream;
      this.video.srcObject = stream;
      await this.video.play();
      this.#live();
    } catch (error) {
      this.hint.textContent = this.texts.say(error?.name === "NotAllowedError" ? "cameraDenied" : "cameraMissing");
      this.stage.hidden = true;
      this.shutter.hidden = true;
      this.other.classList.add("primary");
      this.other.focus();
    }
  }

  #live() {
    this.#show(false);
    this.shutter.disabled = false;
    this.hint.textContent = this.texts.say(this.kind === "selfie" ? "cameraHintSelfie" : "cameraHintDocument");
    this.shutter.focus();
  }

  /** Keep the frame in full size. The live view is mirrored as people expect; the picture is not. */
  #freeze() {
    this.photo.width = this.video.videoWidth;
    this.photo.height = this.video.videoHeight;
    this.photo.getContext("2d").drawImage(this.video, 0, 0);
    this.#show(true);
    this.hint.textContent = this.texts.say("cameraHintReview");
    this.use.focus();
  }

  #show(photo) {
    this.photo.hidden = !photo;
    this.video.hidden = photo;
    this.stage.classList.toggle("taken", photo);
    this.shutter.hidden = photo;
    this.other.hidden = photo;
    this.again.hidden = this.use.hidden = !photo;
  }

  async #done() {
    this.use.disabled = true;
    const blob = await toJpeg(this.photo, this.photo.width, this.photo.height);
    const name = this.kind === "selfie" ? "swafoto.jpg" : "dokumen.jpg";
    this.#close(blob ? new File([blob], name, { type: "image/jpeg" }) : null);
  }

  #close(result) {
    this.stream?.getTracks().forEach((track) => track.stop());
    if (this.dialog.open) this.dialog.close();
    this.dialog.remove();
    this.resolve(result);
  }
}
