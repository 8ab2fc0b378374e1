// Files from this computer: read, and worded as the control API takes them.

const PICTURES = ["image/png", "image/jpeg"];
const LARGEST = 40 * 1024 * 1024;

export class TooLarge extends Error {}

// A photo, where it is one, else a document.
export async function mediaOf(file) {
  if (file.size > LARGEST) throw new TooLarge();
  const url = await new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
  const kind = PICTURES.includes(file.type) ? "photo" : "document";
  const fields = { kind, name: file.name, content_base64: url.slice(url.indexOf(",") + 1) };
  return file.type ? { ...fields, mime: file.type } : fields;
}
