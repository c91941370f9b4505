import { dockerRules } from "./docker.ts";
import { imageRules } from "./images.ts";
import { nameRules } from "./kubernetes-names.ts";
import { podRules } from "./kubernetes-pods.ts";
import { secretRules } from "./kubernetes-secrets.ts";
import { togetherRules } from "./kubernetes-together.ts";
import { trafficRules } from "./kubernetes-traffic.ts";
import { stackRules } from "./stack.ts";

export const resourceRules = [
  ...imageRules,
  ...podRules,
  ...secretRules,
  ...trafficRules,
  ...nameRules,
  ...dockerRules,
];

export const allStackRules = [...togetherRules, ...stackRules];
