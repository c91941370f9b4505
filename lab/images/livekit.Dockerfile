# Like the upstream image: one static binary beside busybox, whose sh, wget and nc health checks use.
ARG BASE
FROM ${BASE} AS debian

FROM scratch
COPY --from=debian /bin/busybox /bin/busybox
COPY --from=debian /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -m 1777 /tmp"]
COPY livekit-server /livekit-server
ENTRYPOINT ["/livekit-server"]
LABEL nself.lab.what="LiveKit, built from its Go module"
