/* Webcam for the two pictures of the enrolment form; without this file, or without a camera, files are chosen. */
"use strict";
(() => {
  const form = document.getElementById("enrol");
  const [box, open, live, shoot, said] = ["camera", "open", "live", "shoot", "said"].map((id) => document.getElementById(id));
  const inputs = ["picture1", "picture2"].map((id) => document.getElementById(id));
  if (!window.isSecureContext || !navigator.mediaDevices?.getUserMedia) return;
  box.hidden = false;
  let stream = null;

  const next = () => inputs.findIndex((input) => input.files.length === 0);
  const label = (text, n) => text.replace("{n}", n);

  function offer() {
    const n = next();
    shoot.hidden = n < 0;
    shoot.textContent = label(form.dataset.shoot, n + 1);
    if (n >= 0) return;
    stream?.getTracks().forEach((track) => track.stop());
    live.hidden = true;
  }

  open.addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { width: { ideal: 1280 }, height: { ideal: 960 } } });
    } catch {
      said.textContent = form.dataset.missing;
      return;
    }
    live.srcObject = stream;
    live.hidden = false;
    open.hidden = true;
    await live.play();
    offer();
    shoot.focus();
  });

  shoot.addEventListener("click", async () => {
    const n = next();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [live.videoWidth, live.videoHeight];
    canvas.getContext("2d").drawImage(live, 0, 0);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.92));
    const files = new DataTransfer();
    files.items.add(new File([blob], `foto-${n + 1}.jpg`, { type: "image/jpeg" }));
    inputs[n].files = files.files;
    said.textContent = label(form.dataset.taken, n + 1);
    offer();
  });
})();
