/** docker.Container's `uploads`: files put into the container between its creation and its start. */
import type { Container } from "dockerode";
import { step } from "./client.ts";
import type { Upload } from "./container-inputs.ts";
import { tar } from "./tar.ts";

/**
 * The engine refuses it on a container with a read-only root, even for a path on a volume: the archive goes to "/", as
 * the official provider's does.
 */
export async function uploadFiles(container: Container, uploads: readonly Upload[]): Promise<void> {
  const files = uploads.map((upload) => ({ path: upload.file, mode: modeOf(upload), content: contentOf(upload) }));
  await step("Unable to upload volume content", container.putArchive(tar(files), { path: "/" }));
}

function contentOf({ content = "", contentBase64 = "" }: Upload): Buffer {
  if (content === "" && contentBase64 === "") {
    throw new Error("error with upload content: one of 'content', 'content_base64', or 'source' must be set");
  }
  if (content !== "" && contentBase64 !== "") {
    throw new Error("error with upload content: only one of 'content', 'content_base64', or 'source' can be set");
  }
  return content !== "" ? Buffer.from(content) : Buffer.from(contentBase64, "base64");
}

function modeOf({ permissions, executable }: Upload): number {
  if (permissions) return Number.parseInt(permissions, 8);
  return executable ? 0o744 : 0o644;
}
