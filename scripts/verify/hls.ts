export interface Playlist {
  /** Addresses of pieces of video, oldest first. */
  readonly segments: readonly string[];
  /** Addresses of other playlists, one for each quality; a playlist has either these or segments. */
  readonly variants: readonly string[];
}

/**
 * As much of an HLS playlist as is needed to fetch what it names.
 * @see https://www.rfc-editor.org/rfc/rfc8216#section-4.1
 * @returns undefined for anything else, an error page for instance.
 */
export function parsePlaylist(text: string): Playlist | undefined {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  if (lines[0] !== "#EXTM3U") return undefined;
  const after = (tag: string) =>
    lines.flatMap((line, at) => {
      if (!line.startsWith(tag)) return [];
      // Other tags may stand between the tag and its address.
      const address = lines.slice(at + 1).find((next) => next !== "" && !next.startsWith("#"));
      return address === undefined ? [] : [address];
    });
  return { segments: after("#EXTINF:"), variants: after("#EXT-X-STREAM-INF:") };
}

/** MPEG-TS comes in packets of 188 bytes that all begin with the same one. */
export function isTransportStream(bytes: Uint8Array): boolean {
  return bytes.length >= 188 && bytes.length % 188 === 0 && bytes[0] === 0x47 && (bytes[188] ?? 0x47) === 0x47;
}
