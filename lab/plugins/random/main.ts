/**
 * STAND-IN for Pulumi's random provider plugin, for machines that cannot download the official one. It implements
 * RandomPassword (without `bcryptHash`), RandomString, RandomId and RandomUuid on node:crypto, and refuses every other
 * resource, function and property.
 */
import { serveProvider } from "../shared/provider.ts";
import { randomId, randomPassword, randomString, randomUuid } from "./resources.ts";

await serveProvider({
  name: "random",
  /** Of @pulumi/random, whose names and shapes these are. */
  version: "4.21.2",
  config: {},
  resources: {
    "random:index/randomPassword:RandomPassword": randomPassword,
    "random:index/randomString:RandomString": randomString,
    "random:index/randomId:RandomId": randomId,
    "random:index/randomUuid:RandomUuid": randomUuid,
  },
  configure: () => {},
});
