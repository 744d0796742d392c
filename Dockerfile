# The bot in a container: its packages as pinned, its three floors, a user without rights, one volume.
FROM python:3.13.16-slim-trixie

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
WORKDIR /app
COPY requirements.txt .
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.txt

# A new volume takes over whom its folder belongs to.
RUN useradd --uid 10001 --no-log-init --create-home --home-dir /data hours
COPY bot bot
COPY handlers handlers
COPY store store

USER hours
ENV DATABASE_PATH=/data/hours.db PORT=8080
VOLUME /data
HEALTHCHECK --interval=30s --timeout=3s --start-period=20s CMD ["python", "-c", \
  "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
CMD ["python", "-m", "bot", "run"]
