import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Child, startProgram } from './child.ts'
import type { Certificate } from './certificate.ts'

export interface Nginx extends Child {
  readonly port: number
}

export interface NginxOptions {
  readonly upstreamPort: number
  readonly tls?: Certificate
  /** Asks this server first, by `auth_request`. */
  readonly authPort?: number
  readonly workers?: number
}

/** An nginx with `proxy_pass` over keep-alive connections, as one sets it up in front of an EAS server. */
export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-nginx-'))
  const port = await freePort()
  const file = join(folder, 'nginx.conf')
  await writeFile(file, configuration(options, folder, port))
  const child = await startProgram('nginx', ['-c', file], /start worker process \d+/)
  return {
    pid: child.pid,
    port,
    async stop() {
      await child.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

function configuration(options: NginxOptions, folder: string, port: number): string {
  const { upstreamPort, tls, authPort, workers = 1 } = options
  return `
daemon off;
master_process on;
worker_processes ${workers};
worker_rlimit_nofile 20000;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 19900; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  keepalive_timeout 3600s;
  keepalive_requests 100000000;
  upstream mail { server 127.0.0.1:${upstreamPort}; keepalive 64; keepalive_requests 100000000; }
  ${authPort === undefined ? '' : `upstream auth { server 127.0.0.1:${authPort}; keepalive 64; keepalive_requests 100000000; }`}
  server {
    listen 127.0.0.1:${port} ${tls ? 'ssl' : ''} backlog=4096;
    ${tls ? `ssl_certificate ${tls.certificateFile}; ssl_certificate_key ${tls.keyFile}; ssl_protocols TLSv1.2 TLSv1.3; ssl_session_tickets off;` : ''}
    location / {
      ${authPort === undefined ? '' : 'auth_request /_auth;'}
      proxy_pass http://mail;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_buffering off;
      proxy_read_timeout 3600s;
    }
    ${
      authPort === undefined
        ? ''
        : `location = /_auth {
      internal;
      proxy_pass http://auth;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_pass_request_body off;
      proxy_set_header Content-Length "";
      proxy_set_header X-Original-URI $request_uri;
    }`
    }
  }
}
`
}

/** A port that is free now. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0
      server.close(() => resolve(port))
    })
  })
}
