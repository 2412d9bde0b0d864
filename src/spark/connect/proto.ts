/**
 * What is used of Spark Connect's wire contract (Apache Spark, sql/connect/common/src/main/protobuf/spark/connect):
 * messages and fields by their names and numbers there. What is not named here is skipped in answers.
 */
export const SPARK_CONNECT_PROTO = `
syntax = "proto3";
package spark.connect;

message UserContext { string user_id = 1; string user_name = 2; }
message Plan { oneof op_type { Relation root = 1; Command command = 2; } }
message Command { WriteOperation write_operation = 2; }

message Relation {
  oneof rel_type {
    Read read = 2;
    SQL sql = 10;
    SubqueryAlias subquery_alias = 16;
    WithRelations with_relations = 41;
  }
}
message Read {
  DataSource data_source = 2;
  message DataSource {
    optional string format = 1;
    optional string schema = 2;
    map<string, string> options = 3;
    repeated string paths = 4;
  }
}
message SQL { string query = 1; }
message SubqueryAlias { Relation input = 1; string alias = 2; }
message WithRelations { Relation root = 1; repeated Relation references = 2; }
message WriteOperation {
  Relation input = 1;
  optional string source = 2;
  string path = 3;
  enum SaveMode { UNSPECIFIED = 0; APPEND = 1; OVERWRITE = 2; ERROR_IF_EXISTS = 3; IGNORE = 4; }
  SaveMode mode = 5;
  map<string, string> options = 9;
}

message ExecutePlanRequest {
  string session_id = 1;
  UserContext user_context = 2;
  Plan plan = 3;
  optional string client_type = 4;
  repeated RequestOption request_options = 5;
  optional string operation_id = 6;
  optional string client_observed_server_side_session_id = 8;
  message RequestOption { ReattachOptions reattach_options = 1; }
  message ReattachOptions { bool reattachable = 1; }
}
message ReattachExecuteRequest {
  string session_id = 1;
  UserContext user_context = 2;
  string operation_id = 3;
  optional string client_type = 4;
  optional string last_response_id = 5;
  optional string client_observed_server_side_session_id = 6;
}
message ExecutePlanResponse {
  string response_id = 13;
  string server_side_session_id = 15;
  oneof response_type {
    ArrowBatch arrow_batch = 2;
    ResultComplete result_complete = 14;
    ExecutionProgress execution_progress = 18;
  }
  message ArrowBatch { int64 row_count = 1; bytes data = 2; }
  message ResultComplete {}
  message ExecutionProgress {
    repeated StageInfo stages = 1;
    message StageInfo { int64 stage_id = 1; int64 num_tasks = 2; int64 num_completed_tasks = 3; }
  }
}
message ReleaseExecuteRequest {
  string session_id = 1;
  UserContext user_context = 2;
  string operation_id = 3;
  optional string client_type = 4;
  ReleaseAll release_all = 5;
  message ReleaseAll {}
}
message ReleaseExecuteResponse { string server_side_session_id = 3; }
message InterruptRequest {
  string session_id = 1;
  UserContext user_context = 2;
  optional string client_type = 3;
  InterruptType interrupt_type = 4;
  string operation_id = 6;
  enum InterruptType { UNSPECIFIED = 0; ALL = 1; TAG = 2; OPERATION_ID = 3; }
}
message InterruptResponse { repeated string interrupted_ids = 2; string server_side_session_id = 3; }
message ReleaseSessionRequest { string session_id = 1; UserContext user_context = 2; optional string client_type = 3; }
message ReleaseSessionResponse { string server_side_session_id = 2; }

message KeyValue { string key = 1; optional string value = 2; }
message ConfigRequest {
  string session_id = 1;
  UserContext user_context = 2;
  Operation operation = 3;
  optional string client_type = 4;
  optional string client_observed_server_side_session_id = 8;
  message Operation { oneof op_type { Set set = 1; GetOption get_option = 4; } }
  message Set { repeated KeyValue pairs = 1; }
  message GetOption { repeated string keys = 1; }
}
message ConfigResponse { repeated KeyValue pairs = 2; string server_side_session_id = 4; }
message AnalyzePlanRequest {
  string session_id = 1;
  UserContext user_context = 2;
  optional string client_type = 3;
  SparkVersion spark_version = 10;
  optional string client_observed_server_side_session_id = 17;
  message SparkVersion {}
}
message AnalyzePlanResponse {
  SparkVersion spark_version = 8;
  string server_side_session_id = 15;
  message SparkVersion { string version = 1; }
}
message FetchErrorDetailsRequest {
  string session_id = 1;
  UserContext user_context = 2;
  string error_id = 3;
  optional string client_type = 4;
}
message FetchErrorDetailsResponse {
  optional int32 root_error_idx = 1;
  repeated Error errors = 2;
  string server_side_session_id = 3;
  message Error { string message = 2; SparkThrowable spark_throwable = 5; }
  message SparkThrowable { optional string error_class = 1; optional string sql_state = 4; }
}

message RpcStatus { repeated RpcAny details = 3; }
message RpcAny { string type_url = 1; bytes value = 2; }
message RpcErrorInfo { string reason = 1; map<string, string> metadata = 3; }
`;
