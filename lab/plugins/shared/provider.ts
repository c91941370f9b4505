/**
 * Serves a provider stand-in: Pulumi's resource-provider protocol on one side, `Resource` on the other. It takes no
 * secrets, as the official providers: the engine then keeps every output secret whose input of the same name was.
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
  type ReadRequest,
  type UpdateRequest,
} from "@pulumi/pulumi/proto/provider_pb.js";
import emptyProto from "google-protobuf/google/protobuf/empty_pb.js";
import { cancel } from "./cancel.ts";
import { autoName, checkProperties, type Failure } from "./check.ts";
import { diffProperties, planUpdate } from "./diff.ts";
import { diffResponse } from "./diff-response.ts";
import { DEFAULTS, fromStruct, toStruct, UNKNOWN, withoutDefaults } from "./properties.ts";
import type { Provider, Resource } from "./resource.ts";
import { serve, unary } from "./serve.ts";

export function serveProvider(provider: Provider): Promise<void> {
  const empty = () => new emptyProto.Empty();
  const methods: UntypedServiceImplementation = {
    handshake: unary(() => new proto.ProviderHandshakeResponse()),
    attach: unary(empty),
    cancel: unary(() => {
      cancel();
      return empty();
    }),
    getPluginInfo: unary(() => new pluginProto.PluginInfo().setVersion(provider.version)),
    checkConfig: unary((request: CheckRequest) => {
      const { version: _, pluginDownloadURL: __, ...given } = fromStruct(request.getNews());
      const { inputs, failures } = checkProperties(provider.config, given);
      const response = new proto.CheckResponse().setInputs(toStruct(withoutDefaults(inputs)));
      return response.setFailuresList(failures.map(toFailure));
    }),
    diffConfig: unary((request: DiffRequest) => {
      const [olds, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
      return diffResponse(diffProperties(provider.config, olds, news), false);
    }),
    configure: unary((request: ConfigureRequest) => {
      provider.configure(fromStruct(request.getArgs()));
      return new proto.ConfigureResponse().setSupportspreview(true);
    }),
    check: unary((request: CheckRequest) => check(resourceOf(provider, request), request)),
    diff: unary((request: DiffRequest) => diff(resourceOf(provider, request), request)),
    create: unary((request: CreateRequest) => create(resourceOf(provider, request), request)),
    read: unary((request: ReadRequest) => read(resourceOf(provider, request), request)),
    update: unary((request: UpdateRequest) => update(resourceOf(provider, request), request)),
    delete: unary(async (request: DeleteRequest) => {
      await resourceOf(provider, request).delete(request.getId(), fromStruct(request.getProperties()));
      return empty();
    }),
  };
  return serve(provider.name, grpcProto.ResourceProviderService, methods);
}

function resourceOf(provider: Provider, request: { getType(): string }): Resource {
  const found = provider.resources[request.getType()];
  if (found !== undefined) return found;
  throw new Error(
    `${request.getType()} is not implemented by the stand-in for ${provider.name}: use the official plugin`,
  );
}

function check(resource: Resource, request: CheckRequest) {
  const given = fromStruct(request.getNews());
  const { fields } = resource;
  const named = resource.autoNamed && fields.name && (given.name === undefined || given.name === null);
  const name = () => autoName(request.getName(), fromStruct(request.getOlds()), request.getRandomseed_asU8());
  const { inputs, failures } = checkProperties(
    named ? { ...fields, name: { ...fields.name, default: name() } as (typeof fields)[string] } : fields,
    given,
  );
  return new proto.CheckResponse().setInputs(toStruct(inputs)).setFailuresList(failures.map(toFailure));
}

function diff(resource: Resource, request: DiffRequest) {
  const [state, news] = [fromStruct(request.getOlds()), fromStruct(request.getNews())];
  const ignored = new Set(request.getIgnorechangesList());
  const changes = diffProperties(resource.fields, state, news).filter(
    ({ property, path }) => !ignored.has(property) && !ignored.has(path),
  );
  // Two of one name cannot exist at once, unless the provider made the name up and will make up another.
  const defaulted = news[DEFAULTS];
  const ownName = resource.autoNamed && Array.isArray(defaulted) && !defaulted.includes("name");
  return diffResponse(changes, resource.deleteBeforeReplace || ownName);
}

async function create(resource: Resource, request: CreateRequest) {
  const inputs = withoutDefaults(fromStruct(request.getProperties()));
  if (request.getPreview()) {
    const computed = Object.keys(resource.fields).filter((name) => resource.fields[name]?.computed);
    const unknown = Object.fromEntries([...resource.outputs, ...computed].map((name) => [name, UNKNOWN]));
    return new proto.CreateResponse().setProperties(toStruct({ ...unknown, ...inputs }));
  }
  const { id, state } = await resource.create(inputs);
  return new proto.CreateResponse().setId(id).setProperties(toStruct(state));
}

async function read(resource: Resource, request: ReadRequest) {
  const state = fromStruct(request.getProperties());
  if (Object.keys(state).length === 0) {
    throw new Error(`Importing a ${request.getType()} is not implemented by this stand-in: use the official plugin`);
  }
  const found = await resource.read(request.getId(), state);
  if (found === undefined) return new proto.ReadResponse();
  const response = new proto.ReadResponse().setId(found.id).setProperties(toStruct(found.state));
  return response.setInputs(request.getInputs());
}

async function update(resource: Resource, request: UpdateRequest) {
  const [state, news] = [fromStruct(request.getOlds()), withoutDefaults(fromStruct(request.getNews()))];
  const planned = planUpdate(resource.fields, state, news);
  const updated = request.getPreview() ? planned : await resource.update(request.getId(), state, planned);
  return new proto.UpdateResponse().setProperties(toStruct(updated));
}

function toFailure({ property, reason }: Failure) {
  return new proto.CheckFailure().setProperty(property).setReason(reason);
}
