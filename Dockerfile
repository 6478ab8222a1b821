# One image for every process: `run` by default, or web, worker, migrate, check, backup … as its command.
FROM python:3.11-slim-bookworm AS packages
WORKDIR /build
COPY requirements.lock .
RUN python -m venv /venv \
    && /venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin kopilka \
    && install -d -o kopilka -g kopilka /app /app/var
WORKDIR /app
COPY --from=packages /venv /venv
COPY . .
# Readable whatever the umask of whoever cloned it. Compiled once here: the ordinary user can't write beside the code,
# and starts take a third of the time.
RUN chmod -R a+rX /app && /venv/bin/python -m compileall -q /app /venv/lib/python3.11/site-packages/aiogram
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER kopilka
VOLUME /app/var
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
