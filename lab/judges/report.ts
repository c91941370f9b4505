import type { Verdict } from "./verdict.ts";

export const found = (verdicts: readonly Verdict[]) => verdicts.flatMap(({ findings }) => findings);

/** A line for each judge, then what it found. */
export function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = [
    ["judge", "version", "judged", "findings", "excused"],
    ...verdicts.map(({ judge, version, judged, findings, excused }) =>
      [judge, version, judged, findings.length, excused.length].map(String),
    ),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const table = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const lines = found(verdicts).map(
    ({ judge, severity, object, rule, message }) => `${judge} ${severity}  ${object}  ${rule}: ${message}`,
  );
  return [...table, ...(lines.length > 0 ? ["", ...lines] : [])].join("\n");
}
