import type { Settings } from "../../components/settings.ts";
import { Failure } from "../lib/failure.ts";
import { openSession } from "../lib/session.ts";
import { readOutputs } from "../lib/stack.ts";
import { renderJson, succeeded, TextReport } from "../verify/report.ts";
import { verify as runChecks, type Target } from "../verify/verify.ts";

/** Exit codes: 0 everything that was tried works; 1 something does not, or nothing is deployed. */
export async function verify(options: { stack: string; json?: boolean }): Promise<void> {
  const { stack, settings } = await openSession(options.stack);
  // Servers' names come with Pulumi's SDK, which loads while the CLI reads the outputs.
  const [outputs, { adviceFor }] = await Promise.all([readOutputs(stack), import("../verify/servers.ts")]);
  const target = targetOf(outputs as Outputs, settings);
  const advice = adviceFor(stack.name, settings);
  // Ctrl-C ends the checks, and what they made is removed all the same.
  const interrupted = new AbortController();
  process.once("SIGINT", () => interrupted.abort());
  if (options.json) {
    const checks = await runChecks(target, advice, undefined, { signal: interrupted.signal });
    process.stdout.write(`${renderJson(checks)}\n`);
    if (!succeeded(checks)) throw new Failure("");
    return;
  }
  const report = new TextReport(process.stdout);
  const checks = await runChecks(target, advice, report.progress, { signal: interrupted.signal });
  report.finish(checks);
  if (!succeeded(checks)) throw new Failure("");
}

type Outputs = Readonly<Record<string, string>> & { readonly searchKeys?: Readonly<Record<string, string>> };

function targetOf(outputs: Outputs, { rtc, frontend }: Settings): Target {
  const { searchUrl, searchMasterKey, searchKeys, rtcUrl, rtcApiKey, rtcApiSecret } = outputs;
  // Where browsers have no key, they search by tokens that are made of this one.
  const searchKey = outputs.searchKey ?? searchKeys?.tenant;
  const { ingestUrl, hlsUrl, dashUrl, statsUrl, publishKey } = outputs;
  return {
    ...(searchUrl && searchMasterKey && searchKey
      ? { search: { url: searchUrl, masterKey: searchMasterKey, searchKey } }
      : {}),
    ...(rtcUrl && rtcApiKey && rtcApiSecret
      ? { rtc: { url: rtcUrl, apiKey: rtcApiKey, apiSecret: rtcApiSecret, maxParticipants: rtc.maxParticipants } }
      : {}),
    ...(ingestUrl && hlsUrl && dashUrl
      ? {
          streaming: {
            ...{ ingestUrl, hlsUrl, dashUrl },
            ...(statsUrl ? { statsUrl } : {}),
            ...(publishKey ? { publishKey } : {}),
            ...(frontend.origins[0] ? { origin: frontend.origins[0] } : {}),
          },
        }
      : {}),
  };
}
