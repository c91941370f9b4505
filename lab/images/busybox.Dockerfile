# What storage uses to make a volume's directory, and what tests run: a shell and small tools. Not the static build of the
# other images: that one crashes in a pod where it looks up a name. (Debian's wget has a bug left: -T crashes.)
ARG BASE
FROM ${BASE} AS debian
RUN mkdir /libraries && cp --parents -L /lib/*-linux-gnu*/libc.so.6 /lib/*-linux-gnu*/libresolv.so.2 /lib*/ld-linux* /libraries

FROM scratch
COPY --from=debian /libraries /
COPY busybox /bin/busybox
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -m 1777 /tmp && echo root:x:0:0:root:/:/bin/sh > /etc/passwd"]
CMD ["sh"]
LABEL nself.lab.what="BusyBox from Debian's package"
