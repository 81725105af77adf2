# ruff: noqa: E501
"""Edits of the rewrites in ``tests/apps``: faults, which must cost the verdict a level, and harmless ones.

Each is an app, a rewrite of it, what the edit is, and the texts that change: (old, new), all of them once.
"""

from typing import NamedTuple


class Variation(NamedTuple):
    app: str
    rewrite: str
    label: str
    edits: tuple[tuple[str, str], ...]

    def __str__(self):
        return f"{self.app}-{self.rewrite}-{self.label.replace(' ', '-')}"

    def applied(self, recipe):
        text = recipe.text
        for old, new in self.edits:
            assert text.count(old) == 1, (self, old, text.count(old))
            text = text.replace(old, new)
        return recipe._replace(text=text)


def _all(app, rewrite, *variations):
    return [Variation(app, rewrite, label, tuple(edits)) for label, *edits in variations]


FAULTS = [
    *_all(
        "shell-report", "merged",
        ("variable dropped", (" REPORT_OUT=/var/lib/report", "")),
        ("user dropped", ("USER reporter\n", "")),
        ("owner of the output folder lost", (" \\\n    && chown reporter /var/lib/report", "")),
        ("another user id", ("--uid 990", "--uid 989")),
        ("entry point became CMD", ("ENTRYPOINT", "CMD")),
        ("umask of the tree", (" /usr/local/bin/report \\", " /usr/local/bin/report && chmod -R go-rx /opt/report/lib \\")),
    ),
    *_all(
        "shell-report", "stages",
        ("symbolic link lost", (" && ln -s fruit.csv /opt/report/data/latest.csv", "")),
        ("not executable", ("-m 755", "-m 644")),
        ("wrong working directory", ("WORKDIR /opt/report", "WORKDIR /opt")),
        ("label dropped", ('LABEL org.opencontainers.image.title="report"\n', "")),
        ("sourced script lost", ("COPY lib /opt/report/lib\n", "")),
    ),
    *_all(
        "shell-report", "mounted",
        ("data lost", ("cp -r /src/lib /src/data", "mkdir /opt/report/data; cp -r /src/lib")),
        ("output hidden by a cache mount", ("RUN --mount=type=bind,target=/src", "RUN --mount=type=bind,target=/src --mount=type=cache,target=/opt/report/data")),
    ),
    *_all(
        "c-greeter", "stages",
        ("runtime library dropped", ("COPY --from=build /usr/local/lib/ /usr/local/lib/\n", "")),
        ("data file dropped", ("COPY --from=build /usr/local/share/greeter /usr/local/share/greeter\n", "")),
        ("setuid lost", ("COPY --from=build /usr/local/bin", "COPY --from=build --chmod=755 /usr/local/bin")),
        ("library cache not made", ("RUN ldconfig\n", "")),
        ("arguments changed", ('CMD ["friend"]', 'CMD ["fiend"]')),
        ("libc mismatch", ("FROM debian:12-slim", "FROM busybox:1.35-musl"), ("RUN ldconfig\n", "")),
    ),
    *_all(
        "c-greeter", "local",
        ("user dropped", ("USER nobody\n", "")),
        ("owner changed", ("COPY --from=build /usr", "COPY --from=build --chown=7:7 /usr")),
        ("entry point dropped", ('ENTRYPOINT ["greeter"]\n', "")),
    ),
    *_all(
        "c-greeter", "cached",
        ("output hidden by a cache mount", ("target=/root/.ccache", "target=/usr/local/share/greeter")),
        ("timestamp changed", ("make install\n", "make install && touch -d @86400 /usr/local/share/greeter/words.txt\n")),
        ("symbolic link lost", ("make install\n", "make install && rm /usr/local/lib/libgreet.so\n")),
        ("symbolic link became a file", (
            "make install\n",
            "make install && rm /usr/local/lib/libgreet.so && cp /usr/local/lib/libgreet.so.1 /usr/local/lib/libgreet.so\n",
        )),
    ),
    *_all(
        "c-static", "scratch",
        ("data file dropped", ("COPY words.txt /data/words.txt\n", "")),
        ("no longer static", ("-static ", "")),
        # Without it BuildKit sets the usual one.
        ("PATH changed", ("ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n", "ENV PATH=/nowhere\n")),
    ),
    *_all(
        "c-static", "slim",
        ("shell form", ('ENTRYPOINT ["/count"]', "ENTRYPOINT /count")),
        ("data changed", ("mkdir /data && cp /src/words.txt /data/", "mkdir /data && head -1 /src/words.txt > /data/words.txt")),
    ),
    *_all(
        "python-web", "slim",
        ("health check dropped", ("HEALTHCHECK --interval=5s CMD", "# ")),
        ("port no longer exposed", ("EXPOSE 8000\n", "")),
        ("variable changed", ("PORT=8000", "PORT=8001")),
        ("wrong working directory", ("USER web", "WORKDIR /srv\nUSER web")),
        ("interpreter missing", ("FROM python:3.11-slim", "FROM debian:12-slim")),
    ),
    *_all(
        "python-web", "parts",
        ("data file dropped", ("COPY fruit ./fruit", "COPY fruit/*.py ./fruit/")),
        ("module dropped", ("COPY fruit ./fruit", "COPY fruit/__init__.py fruit/prices.csv ./fruit/")),
        ("unreadable for the user", ("COPY app.py .", "COPY --chmod=600 app.py .")),
    ),
    *_all("python-web", "ordered", ("text of a variable changed", ('"good day"', '"good night"'))),
    *_all(
        "python-native", "slim",
        ("import path dropped", ("ENV PYTHONPATH=", "ENV OTHER=")),
        ("extension module lost", ("WORKDIR /\n", "RUN find /usr/local -name '_core*.so' -delete\nWORKDIR /\n")),
        ("package data lost", ("WORKDIR /\n", "RUN find /usr/local -name table.txt -delete\nWORKDIR /\n")),
    ),
    *_all(
        "node-api", "slim",
        ("dependencies dropped", ("COPY --from=build /srv/api/node_modules ./node_modules\n", "")),
        ("another environment", ("NODE_ENV=production", "NODE_ENV=development")),
        ("shell form", ('CMD ["node", "dist/server.js"]', "CMD node dist/server.js")),
    ),
    *_all("node-api", "whole", ("output hidden by a cache mount", ("RUN node build.js", "RUN --mount=type=cache,target=/srv/api/dist node build.js"))),
    *_all("node-api", "manifest", ("source changed", ("RUN --mount", "RUN sed -i s/hello/hallo/ src/routes.json\nRUN --mount"))),
    *_all(
        "go-service", "slim",
        ("page dropped", ("COPY page.html /etc/service/page.html\n", "")),
        ("certificates lost", ("WORKDIR /\nEXPOSE", "RUN rm -rf /etc/ssl/certs\nWORKDIR /\nEXPOSE")),
    ),
    *_all(
        "go-service", "distroless",
        ("certificates and time zones lost", ("FROM gcr.io/distroless/static-debian12:latest", "FROM scratch")),
        ("variable dropped", (" AUDIENCE=everybody", "")),
    ),
    *_all(
        "java-tool", "jre",
        ("resource lost", ("cp resources/* classes/ && ", "")),
        ("class lost", ("RUN cp resources", "RUN rm classes/tool/Counter.class && cp resources")),
        ("wrong main class", ("tool.Main", "tool.Counter")),
    ),
    *_all("java-tool", "merged", ("variable dropped", ("ENV TOOL_MODE=fast\n", ""))),
    *_all(
        "ruby-counter", "slim",
        ("locale lost", ("ENV LANG=C.UTF-8\n", "")),
        ("library lost", ("COPY lib ./lib\n", "")),
        ("not executable", ("COPY --chmod=755 counter.rb", "COPY --chmod=644 counter.rb")),
        ("volume dropped", ("VOLUME /data\n", "")),
    ),
    *_all(
        "php-site", "copied",
        ("stop signal dropped", ("STOPSIGNAL SIGINT\n", "")),
        ("data file dropped", ("COPY src src", "COPY src/greeting.php src/")),
        ("another port", ("0.0.0.0:8080", "0.0.0.0:8081")),
    ),
    *_all(
        "perl-filter", "slim",
        ("module path dropped", ("PERL5LIB=/opt/filter/lib ", "")),
        ("module lost", ("COPY lib /opt/filter/lib\n", "")),
        ("input changed", ("COPY input.txt /etc/filter-input", "RUN echo nothing > /etc/filter-input")),
    ),
    *_all(
        "static-site", "stages",
        ("assets lost", ("RUN sh build.sh /out", "RUN sh build.sh /out && rm -r /out/assets")),
        ("wrong folder", ("/usr/share/nginx/html", "/usr/share/nginx/www")),
        ("page changed", ("RUN sh", "RUN echo '<p>Other.</p>' > pages/index.txt; sh")),
    ),
]  # fmt: skip

HARMLESS = [
    *_all(
        "shell-report", "merged",
        ("variables apart", ("ENV REPORT_HOME=/opt/report REPORT_OUT=/var/lib/report", "ENV REPORT_OUT=/var/lib/report\nENV REPORT_HOME=/opt/report")),
        ("comments and blank lines", ("USER reporter", "\n# who runs it\n\nUSER reporter")),
        ("instructions in lower case", ("WORKDIR ", "workdir "), ("USER ", "user ")),
        ("another name of the same base", ("FROM debian:12\n", "FROM debian:bookworm\n")),
    ),
    *_all(
        "shell-report", "stages",
        ("stage renamed", ("AS build", "AS parts"), ("COPY --from=build /opt", "COPY --from=parts /opt"), ("COPY --from=build /out", "COPY --from=parts /out")),
        ("old form of a variable", ("ENV REPORT_HOME=/opt/report REPORT_OUT=/var/lib/report", "ENV REPORT_HOME /opt/report\nENV REPORT_OUT /var/lib/report")),
        ("label quoted otherwise", ('title="report"', "title=report")),
    ),
    *_all("shell-report", "mounted", ("unused cache mount", ("RUN --mount=type=bind,target=/src", "RUN --mount=type=cache,target=/var/cache/other --mount=type=bind,target=/src"))),
    *_all(
        "c-greeter", "stages",
        ("copies with --link", ("COPY --from=build /usr/local/share", "COPY --link --from=build /usr/local/share")),
        ("exact mode said again", ("COPY --from=build /usr/local/share", "COPY --from=build --chown=0:0 /usr/local/share")),
        ("unused argument", ("FROM debian", "ARG UNUSED=1\nFROM debian")),
    ),
    *_all(
        "c-greeter", "cached",
        ("two steps", ("make && make install", "make\nRUN make install")),
        ("extra layer", ("WORKDIR /\n", "RUN touch /tmp/x && rm /tmp/x\nWORKDIR /\n")),
    ),
    *_all("c-static", "scratch", ("array with other blanks", ('["alpha"]', '[ "alpha" ]'))),
    *_all(
        "python-web", "slim",
        ("port with its protocol", ("EXPOSE 8000", "EXPOSE 8000/tcp")),
        ("package lists removed", ("RUN useradd", "RUN rm -rf /var/lib/apt/lists/* && useradd")),
        ("working directory with a slash", ("WORKDIR /app\nCOPY --from", "WORKDIR /app/\nCOPY --from")),
        ("frontend named", ("FROM python:3.11 AS", "# syntax=docker/dockerfile:1\nFROM python:3.11 AS")),
    ),
    *_all("python-web", "parts", ("ADD in place of COPY", ("COPY app.py .", "ADD app.py ."))),
    *_all(
        "node-api", "slim",
        ("unused stage", ("FROM node:18-slim", "FROM scratch AS unused\nCOPY package.json /\n\nFROM node:18-slim")),
        ("order of copies", ("COPY --from=build /srv/api/package.json ./\n", ""), ("./dist\n", "./dist\nCOPY --from=build /srv/api/package.json ./\n")),
    ),
    *_all("node-api", "manifest", ("one copy", ("COPY build.js .\nCOPY src src\n", "COPY src src\nCOPY build.js .\n"))),
    *_all("java-tool", "jre", ("build in a mount", ("COPY . .\nRUN mkdir", "RUN --mount=type=bind,target=/context cp -r /context/. .\nRUN mkdir"))),
    *_all("perl-filter", "slim", ("check left out", ("RUN perl -Ilib -c filter.pl\n", ""))),
    *_all("static-site", "stages", ("root said otherwise", ("WORKDIR /\n", ""))),
    *_all("php-site", "copied", ("signal by number", ("STOPSIGNAL SIGINT", "STOPSIGNAL 2"))),
]  # fmt: skip
