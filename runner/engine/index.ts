export { type ConnectionPorts, type Connections, recipeConnections } from './connections.ts'
export { type CycleOptions, type CyclePorts, runCycle } from './cycle.ts'
export type { EngineEvent, Listener, Summary } from './events.ts'
export { loadOperations, type Operations } from './operations.ts'
