import type { Advice } from "./advice.ts";
import { Failure } from "./check.ts";
import type { Request } from "./http.ts";

export interface Statistics {
  /** What the RTMP module calls itself: 1.1.4 up to release 1.2.2. */
  readonly version: string;
  /** Streams by application. */
  readonly streams: Readonly<Record<string, readonly string[]>>;
}

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

export async function readStatistics(
  request: Request,
  url: string,
  { otherStack }: Advice,
): Promise<Statistics & { readonly xml: string }> {
  // Browsers, and whoever else takes HTML, get a page instead.
  const { status, text } = await request(url, { headers: { Accept: "application/xml" } });
  if (status !== 200) throw new Failure(`GET ${new URL(url).pathname} answers ${status}`, otherStack);
  try {
    return { ...parseStatistics(text), xml: text };
  } catch (error) {
    throw new Failure(`not nginx-rtmp's statistics: ${(error as Error).message}`, otherStack);
  }
}

/**
 * Reads nginx-rtmp's `/stat`.
 * @throws Error where it is not well-formed, or something else.
 */
export function parseStatistics(xml: string): Statistics {
  const root = parseXml(xml);
  const version = root.name === "rtmp" ? childText(root, "nginx_rtmp_version") : undefined;
  if (!version) throw new Error(`the root element is <${root.name}>, without <nginx_rtmp_version>`);
  const applications = root.children
    .filter(({ name }) => name === "server")
    .flatMap((server) => server.children.filter(({ name }) => name === "application"));
  const streams = applications.map((application) => {
    const live = application.children.find(({ name }) => name === "live");
    const names = live?.children
      .filter(({ name }) => name === "stream")
      .map((stream) => childText(stream, "name") ?? "");
    return [childText(application, "name") ?? "", names ?? []] as const;
  });
  return { version, streams: Object.fromEntries(streams) };
}

const childText = (element: Element, wanted: string) => element.children.find(({ name }) => name === wanted)?.text;

/** Elements and text are all that the module writes: no comments, CDATA or namespaces. */
function parseXml(xml: string): Element {
  const top: Element = { name: "", children: [], text: "" };
  const open = [top];
  for (const [, closing, name = "", selfClosing, text = ""] of xml
    .replace(/<\?.*?\?>/gs, "")
    .matchAll(/<(\/?)([\w-]+)[^>]*?(\/?)>([^<]*)/g)) {
    if (closing) {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
    } else {
      const element: Element = { name, children: [], text: text.trim() };
      open.at(-1)?.children.push(element);
      if (!selfClosing) open.push(element);
    }
  }
  const root = top.children[0];
  if (open.length !== 1 || !root) throw new Error(root ? `<${open.at(-1)?.name}> is never closed` : "no XML");
  return root;
}
