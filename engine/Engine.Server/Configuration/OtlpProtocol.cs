namespace Engine.Server.Configuration;

/// <summary>How OTLP travels.</summary>
internal enum OtlpProtocol
{
    /// <summary>gRPC, usually to port 4317.</summary>
    Grpc,

    /// <summary>Protobuf over HTTP/1.1, usually to port 4318.</summary>
    Http,
}
