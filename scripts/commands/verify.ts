import { openSession, type Session } from "../lib/session.ts";
import { readOutputs } from "../lib/stack.ts";
import { render, renderJson } from "../verify/report.ts";
import { verify as runChecks, type Target } from "../verify/verify.ts";
