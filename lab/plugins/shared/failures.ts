/** Errors as gRPC statuses that the engine understands. */
import { Metadata, type ServerErrorResponse, status } from "@grpc/grpc-js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import statusProto from "@pulumi/pulumi/proto/status_pb.js";
import anyProto from "google-protobuf/google/protobuf/any_pb.js";
import { type Properties, toStruct } from "./properties.ts";

/**
 * The resource exists but did not come up. The engine keeps its id and properties with the error, so that the next
 * update sees it; without `replaceOnChanges` on "#initerror" that update does not replace it.
 */
export class NotReadyError extends Error {
  readonly id: string;
  readonly properties: Properties;
  /** More reasons than the message, and inputs as Read found them. */
  readonly more: { readonly reasons?: readonly string[]; readonly inputs?: Properties };

  constructor(message: string, id: string, properties: Properties, more: NotReadyError["more"] = {}) {
    super(message);
    this.id = id;
    this.properties = properties;
    this.more = more;
  }
}

export function unimplemented(method: string, plugin: string): Partial<ServerErrorResponse> {
  return {
    code: status.UNIMPLEMENTED,
    details: `${method} is not implemented by the stand-in for ${plugin}; the official plugin has it`,
  };
}

export function toStatus(error: unknown): Partial<ServerErrorResponse> {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof NotReadyError)) return { code: status.UNKNOWN, details: message };

  const detail = new providerProto.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(error.properties));
  detail.setReasonsList([message, ...(error.more.reasons ?? [])]);
  if (error.more.inputs !== undefined) detail.setInputs(toStruct(error.more.inputs));
  const packed = new anyProto.Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const rich = new statusProto.Status();
  rich.setCode(status.UNKNOWN);
  rich.setMessage(message);
  rich.addDetails(packed);
  // Go's gRPC reads structured errors from this key; the Node one leaves filling it in to us.
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(rich.serializeBinary()));
  return { code: status.UNKNOWN, details: message, metadata };
}
