import type * as Grpc from '@grpc/grpc-js';
import type * as Protobuf from 'protobufjs';
import { IgarapeError } from '../../core/errors.ts';

/** What speaks to a server. */
export interface Packages {
  readonly grpc: typeof Grpc;
  readonly protobuf: typeof Protobuf;
}

/**
 * The user's own packages for gRPC: who computes with DuckDB alone, does without them.
 *
 * @throws IgarapeError SPARK_UNSUITABLE where they are not installed
 */
export async function loadPackages(): Promise<Packages> {
  try {
    const [grpc, protobuf] = await Promise.all([import('@grpc/grpc-js'), import('protobufjs')]);
    return { grpc, protobuf };
  } catch (cause) {
    throw new IgarapeError(
      'SPARK_UNSUITABLE',
      'Spark is spoken to by packages that are not installed: @grpc/grpc-js and protobufjs.',
      { hint: 'Install them beside igarape: npm install @grpc/grpc-js protobufjs apache-arrow', cause },
    );
  }
}
