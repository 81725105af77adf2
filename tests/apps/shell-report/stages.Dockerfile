FROM debian:12 AS build
COPY report.sh /src/
COPY lib /opt/report/lib
COPY data /opt/report/data
RUN install -D -m 755 /src/report.sh /out/report && ln -s fruit.csv /opt/report/data/latest.csv

FROM debian:12-slim
RUN useradd --system --uid 990 reporter && install -d -o reporter /var/lib/report
COPY --from=build /opt/report /opt/report
COPY --from=build /out/report /usr/local/bin/report
ENV REPORT_HOME=/opt/report REPORT_OUT=/var/lib/report
LABEL org.opencontainers.image.title="report"
WORKDIR /opt/report
USER reporter
ENTRYPOINT ["report"]
