export { gatewayConfig, gatewayHttp, GatewayModule, type GatewayConfig } from './gateway.module.ts';
