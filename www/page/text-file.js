// Text files say seldom how they are written.

/** The text of a file: UTF-8 where it can be, else what Windows wrote. @param {Blob} file */
export async function textOf(file) {
  const bytes = await file.arrayBuffer();
  const [first, second] = new Uint8Array(bytes);
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Its lines, but for those of white space alone. @param {Blob} file */
export async function linesOf(file) {
  const lines = (await textOf(file)).split(/\r?\n/).map((line) => line.trim());
  return lines.filter((line) => line !== '');
}
