FROM debian:12
COPY . /src
RUN mkdir -p /opt/report /var/lib/report \
    && cp -r /src/lib /src/data /opt/report/ \
    && install -m 755 /src/report.sh /usr/local/bin/report \
    && ln -s fruit.csv /opt/report/data/latest.csv \
    && useradd --system --uid 990 reporter \
    && chown reporter /var/lib/report
ENV REPORT_HOME=/opt/report REPORT_OUT=/var/lib/report
LABEL org.opencontainers.image.title="report"
WORKDIR /opt/report
USER reporter
ENTRYPOINT ["report"]
