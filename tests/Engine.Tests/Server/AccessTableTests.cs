using Engine.Protos.V1;
using Engine.Server.Access;
using Engine.Server.Configuration;
using Engine.Server.Hosting;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Routing;
using Tests.Shared;

namespace Engine.Tests.Server;

/// <summary>Every call has its rule in the one table, and the table has nothing else.</summary>
public sealed class AccessTableTests
{
    [Fact]
    public void Every_method_of_the_contract_has_a_rule()
    {
        ServiceDescriptor[] services = [
            .. AdminReflection.Descriptor.Services,
            .. RecommenderReflection.Descriptor.Services,
            .. SnapshotsReflection.Descriptor.Services,
            .. CatalogReflection.Descriptor.Services,
            .. TasksReflection.Descriptor.Services,
        ];
        foreach (var method in services.SelectMany(service => service.Methods))
        {
            var call = $"/{method.Service.FullName}/{method.Name}";
            Assert.Contains(call, AccessTable.Rules.Keys);
            // Planning is arithmetic over the numbers of the request: it reads no workspace. What is of all workspaces
            // needs a key for all.
            Assert.True(
                method.Name == "PlanHoldout"
                || AccessTable.Rules[call].EveryWorkspace
                || method.InputType.FindFieldByName("workspace") is { FieldType: FieldType.String },
                $"{method.FullName} has no workspace: nobody could say whose it is");
        }
    }

    [Fact]
    public async System.Threading.Tasks.Task Every_endpoint_has_a_rule_and_every_rule_an_endpoint()
    {
        using var folder = new TemporaryFolder();
        await using var app =
            ServerApplication.Build(new ServerOptions { Snapshots = folder.Path }, TimeProvider.System);
        var endpoints = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints)
            .OfType<RouteEndpoint>().ToArray();
        var withoutRule = endpoints.Where(
            endpoint => endpoint.Metadata.GetMetadata<CallRule>() is null && !IsUnimplemented(endpoint));
        Assert.Empty(withoutRule.Select(endpoint => endpoint.RoutePattern.RawText));
        Assert.Equal(
            AccessTable.Rules.Keys.Order(StringComparer.Ordinal),
            endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<CallRule>()?.Call).OfType<string>().Distinct()
                .Order(StringComparer.Ordinal));
        Assert.Contains(
            endpoints,
            endpoint => endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is not null
                && endpoint.RoutePattern.RawText == "/v1/recommend");
    }

    // gRPC answers unknown methods and services with UNIMPLEMENTED through endpoints of its own.
    private static bool IsUnimplemented(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!.Contains("{unimplemented", StringComparison.Ordinal);
}
