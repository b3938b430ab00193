using Engine.Client.Balancing;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Net.Client.Configuration;
using Proto = Engine.Protos.V1;

namespace Engine.Client.Calls;

/// <summary>
/// Which calls may be sent again: those that the contract declares without side effects or idempotent
/// (idempotency_level). All others are sent once.
/// </summary>
internal static class SafeCalls
{
    private static readonly FileDescriptor[] Files =
    [
        Proto.RecommenderReflection.Descriptor,
        Proto.SnapshotsReflection.Descriptor,
        Proto.CatalogReflection.Descriptor,
        Proto.TasksReflection.Descriptor,
        Proto.EventsReflection.Descriptor,
        Proto.AdminReflection.Descriptor,
    ];

    /// <summary>Retries or hedges for each of them. The parameters are those of the client's options.</summary>
    public static ServiceConfig Configure(int attempts, int budget, int successesPerRetry, TimeSpan? hedgeAfter)
    {
        var config = new ServiceConfig
        {
            LoadBalancingConfigs = { new LoadBalancingConfig(RendezvousBalancerFactory.PolicyName) },
            // gRPC stops retries below half of the tokens: twice as many let the whole budget be spent.
            RetryThrottling = new RetryThrottlingPolicy
            {
                MaxTokens = 2 * budget,
                TokenRatio = 1.0 / successesPerRetry,
            },
        };
        if (attempts == 1)
        {
            return config;
        }

        foreach (var method in Files.SelectMany(file => file.Services).SelectMany(service => service.Methods))
        {
            var level = method.ToProto().Options?.IdempotencyLevel;
            if (level is null or MethodOptions.Types.IdempotencyLevel.IdempotencyUnknown)
            {
                continue;
            }

            var safe = new MethodConfig
            {
                Names = { new MethodName { Service = method.Service.FullName, Method = method.Name } },
            };
            var isRead = level == MethodOptions.Types.IdempotencyLevel.NoSideEffects;
            if (isRead && !method.IsServerStreaming && hedgeAfter is { } delay)
            {
                safe.HedgingPolicy = new HedgingPolicy
                {
                    MaxAttempts = attempts,
                    HedgingDelay = delay,
                    NonFatalStatusCodes = { StatusCode.Unavailable },
                };
            }
            else
            {
                safe.RetryPolicy = new RetryPolicy
                {
                    MaxAttempts = attempts,
                    InitialBackoff = TimeSpan.FromMilliseconds(20),
                    MaxBackoff = TimeSpan.FromMilliseconds(500),
                    BackoffMultiplier = 3,
                    RetryableStatusCodes = { StatusCode.Unavailable },
                };
            }

            config.MethodConfigs.Add(safe);
        }

        return config;
    }
}
