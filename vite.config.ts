import { readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const built = fileURLToPath(new URL('dist/web/', import.meta.url))

/** Compressed once here, so that the server need not do it for every phone. */
const compress: Plugin = {
  name: 'compress',
  async closeBundle() {
    for (const name of await readdir(built, { recursive: true })) {
      if (!/\.(js|css|html|svg)$/.test(name)) continue
      const content = await readFile(built + name)
      await writeFile(`${built}${name}.br`, brotliCompressSync(content))
      await writeFile(`${built}${name}.gz`, gzipSync(content, { level: 9 }))
    }
  },
}

/** The two browser apps, built to `dist/web` and served by Postern itself. */
export default defineConfig({
  root: 'web',
  base: '/',
  plugins: [react(), compress],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    rolldownOptions: {
      input: { console: 'web/console/index.html', portal: 'web/portal/index.html' },
    },
  },
})
