import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../src/base/clock.ts'
import { openAuthority } from '../../src/enrollment/authority.ts'
import { createFileKeyStore } from '../../src/enrollment/key-store.ts'
import { daemon, freePorts, listening } from './daemon.ts'

/** A real nginx of Debian that ends TLS in front of a plain HTTP server. */
export interface RealNginx {
  readonly url: string
  /** PEM certificate that its TLS is checked against. */
  readonly authority: string
  /** Passes to this address from now on, as docs/admin/install.md says. */
  passTo(url: string): Promise<void>
  stop(): Promise<void>
}

/** Takes a free port; nothing listens until it is told where to pass to. */
export async function prepareNginx(): Promise<RealNginx> {
  const folder = await mkdtemp(join(tmpdir(), 'postern-nginx-'))
  const [port] = await freePorts(1)
  const file = (name: string) => join(folder, name)
  await mkdir(file('keys'))
  const authority = await openAuthority(createFileKeyStore(file('keys')), systemClock)
  const identity = await authority.serverIdentity(['127.0.0.1'])
  await writeFile(file('key.pem'), identity.keyPem, { mode: 0o600 })
  await writeFile(file('certificate.pem'), identity.certificatePem)
  let end = async () => {}
  return {
    url: `https://127.0.0.1:${port}`,
    authority: authority.certificatePem,
    async passTo(url) {
      await writeFile(file('nginx.conf'), settings(folder, port, url))
      const log = file('nginx.out')
      end = await daemon('/usr/sbin/nginx', ['-p', folder, '-c', file('nginx.conf')], { log })
      await listening(port, 'nginx', log)
    },
    async stop() {
      await end()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const settings = (folder: string, port: number, url: string): string => `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events { worker_connections 1000; }
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${folder}/certificate.pem;
    ssl_certificate_key ${folder}/key.pem;
    client_max_body_size 0;
    location / {
      proxy_pass ${url};
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_read_timeout 3660s;
    }
  }
}
`
