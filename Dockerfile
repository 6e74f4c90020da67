# `--build-arg BASE=…` puts another image of the same Python in its place where this one cannot be fetched.
ARG BASE=python:3.13-slim-trixie@sha256:9d2e5553305c7c7b0097999bb17187c69b921ccd6bc9d40e4bb5ebe652c00285

FROM ${BASE} AS runtime
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]

# A virtual environment looks the same above /usr/local (the official image) and above /usr (Debian's own), and holds no pip.
COPY requirements/image.txt requirements/strip.py /build/
RUN python3 -m venv --without-pip /app; \
    python3 -m pip --python /app/bin/python3 install --no-cache-dir --no-compile --disable-pip-version-check --root-user-action ignore \
        --require-hashes --only-binary :all: --requirement /build/image.txt; \
    /app/bin/python3 /build/strip.py "$(/app/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"; \
    ln -sf "$(readlink -f /app/bin/python3)" /app/bin/python3; \
    find /app/bin ! -type d ! -name python3 -delete

# What a rotation can reach goes on, everything else stays: no shell, no package manager, no test suite.
# Libraries are asked of the loader, not listed, so that a new base or another processor changes nothing here. libgcc_s alone is
# named: the C library opens it when a thread ends, where the loader cannot foresee it.
# Bytecode trusts its source unseen, since copying a layer may move times, and a stale check at each start costs a second.
RUN root=/image; stdlib=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))'); \
    cafile=$(python3 -c 'import ssl; print(ssl.get_default_verify_paths().openssl_cafile)'); \
    rm -rf "$stdlib"/{config-*,curses,dbm,dist-packages,ensurepip,idlelib,lib2to3,pydoc*,site-packages,sitecustomize.py,sqlite3} \
        "$stdlib"/{test,tkinter,turtle*,unittest,venv,EXTERNALLY-MANAGED} \
        "$stdlib"/{_pydatetime,_pydecimal,_pyio,doctest,imaplib,mailbox,pickletools}.py "$stdlib"/{_pyrepl,wsgiref,xmlrpc} \
        "$stdlib"/lib-dynload/_codecs_{cn,hk,iso2022,jp,kr,tw}* \
        "$stdlib"/lib-dynload/{_ctypes_test,_curses,_dbm,_gdbm,_sqlite3,_test,_tkinter,_xx,readline,xx}*; \
    find "$stdlib" /app -name __pycache__ -prune -exec rm -rf {} +; \
    install -d "$root/etc" "$root${cafile%/*}"; install -d -m 1777 "$root/tmp"; \
    ln -s /etc/ssl/certs/ca-certificates.crt "$root$cafile"; \
    echo 'hosts: files dns' >"$root/etc/nsswitch.conf"; \
    echo 'root:x:0:0:root:/root:/sbin/nologin' >"$root/etc/passwd"; \
    cp -a --parents "$(readlink -f /app/bin/python3)" "$stdlib" /app "$root"; \
    find "$root" -type f '(' -name '*.so*' -o -path '*/bin/python3*' ')' -exec ldd {} + \
        | awk '$3 ~ /^\// { print $3 } $1 ~ /^\// && $2 ~ /^\(/ { print $1 }' | sort -u >/build/libraries; \
    mapfile -t libraries </build/libraries; \
    cp -aL --parents --target-directory="$root" /etc/ssl/certs/ca-certificates.crt \
        /usr/lib/*-linux-gnu/{libgcc_s.so.1,libnss_dns.so.2,libnss_files.so.2} "${libraries[@]}"; \
    cp -a /etc/ld.so.conf /etc/ld.so.conf.d "$root/etc/"; ldconfig -r "$root"; \
    python3 -m compileall -q -j 0 -s "$root" --invalidation-mode unchecked-hash "$root$stdlib" "$root/app"

FROM runtime AS program
COPY entrypoint.py /build/
COPY rotate /build/rotate/
RUN site=$(/app/bin/python3 -c 'import sysconfig; print(sysconfig.get_path("purelib"))'); \
    install -d "/program$site"; cp -a /build/rotate "/program$site/"; cp -a /build/entrypoint.py /program/app/; \
    python3 -m compileall -q -s /program --invalidation-mode unchecked-hash /program

# Runs as root because the runner's files and the mounted workspace belong to whoever the runner is; GitHub documents that no other user works.
FROM scratch
COPY --from=runtime /image/ /
COPY --from=program /program/ /
# What a container writes outside a mounted folder is gone with it (systemd.io/CONTAINER_INTERFACE).
ENV container=oci
ENTRYPOINT ["/app/bin/python3", "-I", "-B", "-u", "-m", "rotate"]
CMD ["--help"]
