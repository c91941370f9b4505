FROM scratch
COPY pause /pause
USER 65535:65535
ENTRYPOINT ["/pause"]
LABEL nself.lab.what="the lab's own pause program, in place of the one of Kubernetes"
