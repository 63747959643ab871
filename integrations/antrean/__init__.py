"""The counter queue and the visits at home (jemput bola)."""
