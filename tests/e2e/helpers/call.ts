import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  LocalVideoTrack,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
  VideoBufferType,
  VideoFrame,
  VideoSource,
  VideoStream,
} from "@livekit/rtc-node";
import { AccessToken } from "livekit-server-sdk";

export interface CallTarget {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
}

/** Frames that the second participant received. */
export interface Received {
  readonly audio: number;
  readonly video: number;
}

/** Two native clients in one room: one sends sound and pictures, the other counts what arrives. */
export async function call(target: CallTarget, wanted: number, seconds = 60): Promise<Received> {
  const room = `call-${Date.now()}`;
  const [sender, receiver] = await Promise.all([join(target, room, "sender"), join(target, room, "receiver")]);
  const count = { audio: 0, video: 0 };
  const sending = new AbortController();
  try {
    receiver.on(RoomEvent.TrackSubscribed, (track) => void counting(track, count));
    await send(sender, sending.signal);
    const deadline = Date.now() + seconds * 1000;
    while (Math.min(count.audio, count.video) < wanted && Date.now() < deadline) await pause(100);
    return { ...count };
  } finally {
    sending.abort();
    await Promise.all([sender.disconnect(), receiver.disconnect()]);
  }
}

async function join({ url, apiKey, apiSecret }: CallTarget, roomName: string, identity: string): Promise<Room> {
  const token = new AccessToken(apiKey, apiSecret, { identity });
  token.addGrant({ room: roomName, roomJoin: true, canPublish: true, canSubscribe: true });
  const room = new Room();
  await room.connect(url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  return room;
}

async function send(room: Room, signal: AbortSignal): Promise<void> {
  const [width, height] = [320, 240];
  const video = new VideoSource(width, height);
  const audio = new AudioSource(48_000, 1);
  const publish = async (track: LocalAudioTrack | LocalVideoTrack, source: TrackSource) =>
    room.localParticipant?.publishTrack(track, new TrackPublishOptions({ source }));
  await publish(LocalVideoTrack.createVideoTrack("picture", video), TrackSource.SOURCE_CAMERA);
  await publish(LocalAudioTrack.createAudioTrack("sound", audio), TrackSource.SOURCE_MICROPHONE);

  void (async () => {
    for (let shade = 0; !signal.aborted; shade = (shade + 8) % 256) {
      const pixels = new Uint8Array(width * height * 4).fill(shade);
      video.captureFrame(new VideoFrame(pixels, width, height, VideoBufferType.RGBA));
      await audio.captureFrame(new AudioFrame(new Int16Array(480 * 5).fill(1000), 48_000, 1, 480 * 5));
      await pause(50);
    }
  })();
}

async function counting(track: RemoteTrack, count: { audio: number; video: number }): Promise<void> {
  const isVideo = track.kind === TrackKind.KIND_VIDEO;
  const frames = isVideo ? new VideoStream(track) : new AudioStream(track);
  for await (const _ of frames) count[isVideo ? "video" : "audio"]++;
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
