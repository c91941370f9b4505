/** A tar archive of a few small files: how a file gets into a container before it starts. */
export interface TarFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

const BLOCK = 512;
const NAME_BYTES = 100;

export function tar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap((file) => [header(file), pad(file.content)]);
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

function header({ path, mode, content }: TarFile): Buffer {
  // The archive is unpacked at "/".
  const name = path.replace(/^\/+/, "");
  if (Buffer.byteLength(name) > NAME_BYTES) {
    throw new Error(`"${path}" is longer than the ${NAME_BYTES} bytes that this stand-in uploads`);
  }
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    block.write(`${value.toString(8).padStart(length - 1, "0")}\0`, offset, "ascii");
  block.write(name, 0, "utf8");
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(content.length, 124, 12);
  octal(Math.floor(Date.now() / 1000), 136, 12);
  block.write("        0", 148, "ascii"); // blank checksum, then the type: a regular file
  block.write("ustar\x0000", 257, "latin1");
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return block;
}

function pad(content: Buffer): Buffer {
  const rest = content.length % BLOCK;
  return rest === 0 ? content : Buffer.concat([content, Buffer.alloc(BLOCK - rest)]);
}
