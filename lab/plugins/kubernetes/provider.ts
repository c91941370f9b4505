/**
 * Pulumi's resource-provider protocol, answered as the official kubernetes provider answers it. Unlike the other
 * stand-ins' it takes secrets, as upstream: it says itself which outputs are secret.
 */
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import grpcProto from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import proto, {
  type CheckRequest,
  type ConfigureRequest,
  type CreateRequest,
  type DeleteRequest,
  type DiffRequest,
  type ProviderHandshakeRequest,
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { cancel } from "../shared/cancel.ts";
import { setEngineAddress } from "../shared/engine-log.ts";
import { fromStruct, toStruct } from "../shared/properties.ts";
import { serve, unary } from "../shared/serve.ts";
import { check } from "./check.ts";
import { diffConfig } from "./config-diff.ts";
import { create } from "./create.ts";
import { deleteObject } from "./delete.ts";
import { diff } from "./diff.ts";
import { read } from "./read.ts";
import { checkSettings, readSettings } from "./settings.ts";
import { openTarget, type Target } from "./target.ts";
import { update } from "./update.ts";
import { reveal } from "./values.ts";

export function serveKubernetes(version: string): Promise<void> {
  const empty = () => new emptyProto.Empty();
  let target: Target | undefined;
  const configured = () => {
    if (target === undefined) throw new Error("the provider is not configured");
    return target;
  };
  const methods: UntypedServiceImplementation = {
    handshake: unary((request: ProviderHandshakeRequest) => {
      setEngineAddress(request.getEngineAddress());
      return new proto.ProviderHandshakeResponse().setAcceptSecrets(true).setSupportsAutonamingConfiguration(true);
    }),
    attach: unary(empty),
    cancel: unary(() => {
      cancel();
      return empty();
    }),
    getPluginInfo: unary(() => new pluginProto.PluginInfo().setVersion(version)),
    checkConfig: unary((request: CheckRequest) => {
      const failures = checkSettings(reveal(fromStruct(request.getNews()))).map(({ property, reason }) =>
        new proto.CheckFailure().setProperty(property).setReason(reason),
      );
      return new proto.CheckResponse().setInputs(request.getNews()).setFailuresList(failures);
    }),
    diffConfig: unary((request: DiffRequest) => diffConfig(request)),
    configure: unary((request: ConfigureRequest) => {
      target = openTarget(readSettings(reveal(fromStruct(request.getArgs() ?? toStruct({})))));
      return new proto.ConfigureResponse()
        .setAcceptsecrets(true)
        .setSupportspreview(true)
        .setSupportsAutonamingConfiguration(true);
    }),
    check: unary((request: CheckRequest) => check(configured(), request)),
    diff: unary((request: DiffRequest) => diff(configured(), request)),
    create: unary((request: CreateRequest) => create(configured(), request)),
    read: unary((request: ReadRequest) => read(configured(), request)),
    update: unary((request: UpdateRequest) => update(configured(), request)),
    delete: unary(async (request: DeleteRequest) => {
      await deleteObject(configured(), request);
      return empty();
    }),
  };
  return serve("kubernetes", grpcProto.ResourceProviderService, methods);
}
