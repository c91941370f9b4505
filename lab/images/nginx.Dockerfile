ARG BASE
FROM ${BASE}
# Upstream has the stream module built in; Debian's is loaded here, so that a config written for upstream works as it is.
RUN rm -rf /etc/nginx/modules-enabled /etc/nginx/conf.d /etc/nginx/sites-enabled \
 && ln -sf /dev/stdout /var/log/nginx/access.log \
 && ln -sf /dev/stderr /var/log/nginx/error.log
EXPOSE 80
# As upstream: requests that are under way are answered before it ends.
STOPSIGNAL SIGQUIT
CMD ["nginx", "-g", "load_module /usr/lib/nginx/modules/ngx_stream_module.so; daemon off;"]
LABEL nself.lab.what="nginx 1.22 with its stream module, from Debian's packages"
