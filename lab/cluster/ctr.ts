import { execa } from "execa";
import { systemPath } from "../prerequisites.ts";
import { containerdSocket } from "./paths.ts";

/** What containerd's own client prints about the pods; nothing when containerd does not answer. */
export async function ctr(...args: string[]): Promise<string> {
  const options = { env: { PATH: systemPath }, reject: false };
  return (await execa("ctr", [`--address=${containerdSocket}`, "--namespace=k8s.io", ...args], options)).stdout;
}
