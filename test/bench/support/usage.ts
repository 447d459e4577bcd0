/** Preload that tells the parent process what this one has used, whenever it is asked. */
process.on('message', (question) => {
  if (question !== 'usage') return
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed } = process.memoryUsage()
  process.send?.({ cpuMs: (user + system) / 1_000, rssMb: rss / 1_048_576, heapMb: heapUsed / 1_048_576 })
})
// Whoever is only listened to by its parent shall still end.
process.channel?.unref()
