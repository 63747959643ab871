// Takes pictures with the camera and adds them to the file field of the same form. Nothing leaves the browser before "Daftarkan".
const box = document.querySelector(".camera");
if (box && navigator.mediaDevices?.getUserMedia) {
  const part = (name) => box.querySelector(`[data-${name}]`);
  const video = box.querySelector("video");
  const field = document.querySelector("#pictures");
  const most = Number(box.dataset.most);
  let stream = null;

  const show = (open) => {
    video.hidden = part("shoot").hidden = part("close").hidden = !open;
    part("open").hidden = open;
  };
  const close = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    show(false);
  };
  const preview = () => {
    const shots = box.querySelector(".shots");
    shots.querySelectorAll("img").forEach((img) => URL.revokeObjectURL(img.src));
    shots.replaceChildren(...[...field.files].map((file, n) => {
      const img = new Image();
      img.src = URL.createObjectURL(file);
      img.alt = `Foto ${n + 1}`;
      return img;
    }));
  };
  part("open").addEventListener("click", async () => {
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user", width: { ideal: 1280 } } });
    } catch {
      part("says").textContent = "Kamera tidak bisa dibuka. Izinkan kamera di peramban, atau pilih foto dari berkas.";
      return;
    }
    video.srcObject = stream;
    await video.play();
    show(true);
    part("says").textContent = "Kamera menyala. Hadapkan wajah ke kamera, lalu tekan Ambil foto.";
    part("shoot").focus();
  });
  part("shoot").addEventListener("click", () => {
    const canvas = document.createElement("canvas");
    canvas.width = video.videoWidth;
    canvas.height = video.videoHeight;
    canvas.getContext("2d").drawImage(video, 0, 0);
    canvas.toBlob((blob) => {
      if (!blob) {
        part("says").textContent = "Belum ada gambar dari kamera. Tunggu sebentar, lalu coba lagi.";
        return;
      }
      const files = new DataTransfer();
      [...field.files].slice(-(most - 1)).forEach((file) => files.items.add(file));
      files.items.add(new File([blob], `kamera-${Date.now()}.jpg`, { type: "image/jpeg" }));
      field.files = files.files;
      preview();
      part("says").textContent = `Foto diambil (${field.files.length} dari ${most}).`;
    }, "image/jpeg", 0.92);
  });
  part("close").addEventListener("click", close);
  field.addEventListener("change", preview);
  addEventListener("pagehide", close);
  box.hidden = false;
}
