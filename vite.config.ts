import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** The two browser apps, built to `dist/web` and served by Postern itself. */
export default defineConfig({
  root: 'web',
  base: '/',
  plugins: [react()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    rolldownOptions: {
      input: { console: 'web/console/index.html', portal: 'web/portal/index.html' },
    },
  },
})
