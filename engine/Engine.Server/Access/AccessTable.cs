using System.Collections.Frozen;
using Grpc.AspNetCore.Server;

namespace Engine.Server.Access;

/// <summary>
/// Who may do what: every gRPC method and every other route, once. A JSON route of a gRPC method has that method's
/// rule. A test fails when a method or route is missing here.
/// </summary>
internal static class AccessTable
{
    private const string Recommender = "/engine.v1.Recommender/";
    private const string Snapshots = "/engine.v1.Snapshots/";
    private const string Catalog = "/engine.v1.Catalog/";
    private const string Tasks = "/engine.v1.Tasks/";
    private const string Health = "/grpc.health.v1.Health/";

    /// <summary>By <see cref="CallRule.Call"/>.</summary>
    public static readonly FrozenDictionary<string, CallRule> Rules = new CallRule[]
    {
        new(Recommender + "Recommend", Scopes.Read, CallKind.Cheap),
        new(Recommender + "RelatedProducts", Scopes.Read, CallKind.Cheap),
        new(Recommender + "Score", Scopes.Read, CallKind.Heavy),
        new(Recommender + "NextOrder", Scopes.Read, CallKind.Cheap),
        new(Recommender + "RankTagValues", Scopes.Read, CallKind.Cheap),
        new(Recommender + "Explain", Scopes.Read, CallKind.Cheap),
        new(Recommender + "RecommendPlacement", Scopes.Read, CallKind.Cheap),
        new(Recommender + "RecommendPage", Scopes.Read, CallKind.Cheap),
        new(Recommender + "BatchRecommend", Scopes.Read, CallKind.Heavy),
        new(Recommender + "RankUsers", Scopes.Audience, CallKind.Heavy),
        new(Recommender + "RecommendForAudience", Scopes.Audience, CallKind.Heavy),
        new(Recommender + "EstimateAudience", Scopes.Audience, CallKind.Heavy),
        new(Recommender + "SumAudience", Scopes.Audience, CallKind.Heavy),

        new(Snapshots + "List", Scopes.Read, CallKind.Cheap),
        new(Snapshots + "Describe", Scopes.Read, CallKind.Cheap),
        new(Snapshots + "Diff", Scopes.Admin, CallKind.Heavy),
        new(Snapshots + "Activate", Scopes.Admin, CallKind.Heavy, Changes: true),
        new(Snapshots + "Rollback", Scopes.Admin, CallKind.Heavy, Changes: true),

        new("/engine.v1.Events/Put", Scopes.Events, CallKind.Cheap),

        new("/engine.v1.Admin/ForgetUser", Scopes.Admin, CallKind.Heavy, Changes: true),
        new("/engine.v1.Admin/DescribeCaller", Scopes.Any, CallKind.Cheap),
        new("/engine.v1.Admin/ListKeys", Scopes.Admin, CallKind.Cheap, EveryWorkspace: true),
        new("/engine.v1.Admin/ListAudit", Scopes.Admin, CallKind.Heavy, EveryWorkspace: true),
        new("/engine.v1.Admin/DescribeTraffic", Scopes.Read, CallKind.Cheap, EveryWorkspace: true),

        new(Catalog + "SavePool", Scopes.Catalog, CallKind.Heavy, Changes: true),
        new(Catalog + "PreviewPool", Scopes.Catalog, CallKind.Heavy),
        new(Catalog + "GetPool", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "ListPools", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "DeletePool", Scopes.Catalog, CallKind.Cheap, Changes: true),
        new(Catalog + "SavePlacement", Scopes.Catalog, CallKind.Heavy, Changes: true),
        new(Catalog + "GetPlacement", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "ListPlacements", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "DeletePlacement", Scopes.Catalog, CallKind.Cheap, Changes: true),
        new(Catalog + "SaveExperiment", Scopes.Catalog, CallKind.Cheap, Changes: true),
        new(Catalog + "GetExperiment", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "ListExperiments", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "DeleteExperiment", Scopes.Catalog, CallKind.Cheap, Changes: true),
        new(Catalog + "SetBlocked", Scopes.Catalog, CallKind.Cheap, Changes: true),
        new(Catalog + "ListBlocked", Scopes.Catalog, CallKind.Cheap),
        new(Catalog + "SaveAudience", Scopes.Audience, CallKind.Heavy, Changes: true),
        new(Catalog + "ListAudiences", Scopes.Audience, CallKind.Heavy),
        new(Catalog + "ExportAudience", Scopes.Audience, CallKind.Heavy),
        new(Catalog + "DeleteAudience", Scopes.Audience, CallKind.Cheap, Changes: true),
        new("GET /v1/audiences/{name}/export", Scopes.Audience, CallKind.Heavy),

        new(Tasks + "Create", Scopes.Task, CallKind.Heavy, Changes: true),
        new(Tasks + "List", Scopes.Task, CallKind.Cheap),
        new(Tasks + "Get", Scopes.Task, CallKind.Cheap),
        new(Tasks + "Cancel", Scopes.Task, CallKind.Cheap, Changes: true),
        new(Tasks + "Delete", Scopes.Task, CallKind.Cheap, Changes: true),
        new(Tasks + "Summary", Scopes.Task, CallKind.Heavy),
        new(Tasks + "Lift", Scopes.Task, CallKind.Heavy),
        new(Tasks + "PlanHoldout", Scopes.Task, CallKind.Cheap),
        new(Tasks + "Results", Scopes.Audience, CallKind.Cheap),
        new(Tasks + "Download", Scopes.Audience, CallKind.Heavy),
        new("GET /v1/tasks/{id}/download", Scopes.Audience, CallKind.Heavy),

        new(Health + "Check", Scopes.None, CallKind.Cheap),
        new(Health + "Watch", Scopes.None, CallKind.Cheap),
        new("GET /health", Scopes.None, CallKind.Cheap),
        new("GET /livez", Scopes.None, CallKind.Cheap),
        new("GET /readyz", Scopes.None, CallKind.Cheap),
        new("GET /startupz", Scopes.None, CallKind.Cheap),
        new("GET /openapi.json", Scopes.None, CallKind.Cheap),
        new("/metrics", Scopes.Read, CallKind.Cheap, EveryWorkspace: true),
        new("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Scopes.Read, CallKind.Cheap),
        new("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Scopes.Read, CallKind.Cheap),
    }.ToFrozenDictionary(rule => rule.Call, StringComparer.Ordinal);

    /// <summary>
    /// The rule of an endpoint; null when it has none: then it answers no call, or nobody may call it.
    /// </summary>
    public static CallRule? Of(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<CallRule>();

    /// <summary>Gives each endpoint the rule of its call.</summary>
    public static TBuilder WithRules<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Add(static endpoint =>
        {
            if (Rules.GetValueOrDefault(NameOf(endpoint)) is { } rule)
            {
                endpoint.Metadata.Add(rule);
            }
        });
        return endpoints;
    }

    /// <summary>The call that an endpoint answers, as the table names it.</summary>
    public static string NameOf(EndpointBuilder endpoint)
    {
        if (endpoint.Metadata.OfType<GrpcMethodMetadata>().FirstOrDefault() is { } grpc)
        {
            return grpc.Method.FullName;
        }

        var route = (endpoint as RouteEndpointBuilder)?.RoutePattern.RawText ?? "";
        return endpoint.Metadata.OfType<IHttpMethodMetadata>().LastOrDefault() is { HttpMethods: [var method, ..] }
            ? $"{method} {route}"
            : route;
    }
}
