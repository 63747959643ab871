/** Makes large photos small before they travel, to spare a poor connection. */

export const LONGEST_SIDE = 2400;
const QUALITY = 0.88;
/** A picture within the longest side and below this many bytes travels as it is. */
const SMALL_BYTES = 1_500_000;
/** Where the end mark of a JPEG is looked for: cameras append a little after it. */
const TAIL = 65_536;

/**
 * The file to upload: a smaller JPEG, or the file itself when it is no large photo or cannot be read here.
 * The server judges the file in any case.
 */
export async function spare(file) {
  try {
    if (!/^image\/(jpeg|png|webp|heic|heif|avif|bmp)$/.test(file.type) || (await truncated(file))) return file;
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
    if (scale === 1 && file.size < SMALL_BYTES && /jpeg|png/.test(file.type)) {
      bitmap.close();
      return file;
    }
    const blob = await toJpeg(bitmap, Math.round(bitmap.width * scale), Math.round(bitmap.height * scale));
    bitmap.close();
    if (!blob || (scale === 1 && blob.size >= file.size)) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

/** A JPEG of a drawable thing (bitmap, video, canvas) at the given size, on white. */
export function toJpeg(source, width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
}

/** A small canvas that shows the picture, or null. A canvas needs no blob: address, which strict pages forbid. */
export async function thumbnail(file, side = 176) {
  try {
    if (!file.type.startsWith("image/")) return null;
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.max(1, Math.round(bitmap.width * scale));
    canvas.height = Math.max(1, Math.round(bitmap.height * scale));
    canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
    bitmap.close();
    return canvas;
  } catch {
    return null;
  }
}

/** A cut-off JPEG would be mended with grey here; the server shall see it as it is and say so. */
async function truncated(file) {
  if (file.type !== "image/jpeg") return false;
  const tail = new Uint8Array(await file.slice(Math.max(0, file.size - TAIL)).arrayBuffer());
  for (let i = tail.length - 2; i >= 0; i -= 1) if (tail[i] === 0xff && tail[i + 1] === 0xd9) return false;
  return true;
}
