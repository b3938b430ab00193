using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Engine.Protos.V1;
using Engine.Server.Access;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Routing;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Access;

/// <summary>
/// Every gRPC method and every route: without a key, with a wrong key, with each single scope, in another workspace.
/// </summary>
public sealed partial class EveryCallTests
{
    private static readonly string[] AllScopes = ["read", "audience", "task", "catalog", "admin", "events"];

    private static readonly MethodDescriptor[] Methods =
    [
        .. new[]
        {
            AdminReflection.Descriptor,
            RecommenderReflection.Descriptor,
            SnapshotsReflection.Descriptor,
            CatalogReflection.Descriptor,
            TasksReflection.Descriptor,
            EventsReflection.Descriptor,
        }
            .SelectMany(file => file.Services).SelectMany(service => service.Methods),
    ];

    [Fact]
    public async Task Over_grpc()
    {
        var keys = new Dictionary<string, string>();
        await using var engine =
            await RunningEngine.StartEmpty(configure: Access.Keys.With(root => AddAll(root, keys)));
        var wrong = ApiKey.Create().Key;
        foreach (var method in Methods)
        {
            var rule = AccessTable.Rules[$"/{method.Service.FullName}/{method.Name}"];
            Assert.NotEqual(Scopes.None, rule.Scope);
            Assert.Equal(StatusCode.Unauthenticated, await Call(engine, method, "", null));
            Assert.Equal(StatusCode.Unauthenticated, await Call(engine, method, "", wrong));
            Assert.Equal(StatusCode.Unauthenticated, await Call(engine, method, "", "engine_"));
            foreach (var scope in AllScopes)
            {
                var status = await Call(engine, method, "", keys[scope]);
                var isAllowed = rule.Scope.HasFlag(ScopeNames.Parse(scope)) && !rule.EveryWorkspace;
                Assert.True(
                    IsRefused(status) != isAllowed,
                    $"{method.FullName} with {scope}: {status}");
                if (method.InputType.FindFieldByName("workspace") is not null)
                {
                    Assert.Equal(StatusCode.PermissionDenied, await Call(engine, method, "other", keys[scope]));
                }
            }
        }
    }

    [Fact]
    public async Task Over_http()
    {
        var keys = new Dictionary<string, string>();
        await using var engine =
            await RunningEngine.StartEmpty(configure: Access.Keys.With(root => AddAll(root, keys)));
        var routes = engine.Endpoints
            .Where(
                endpoint => endpoint.Metadata.GetMetadata<CallRule>() is { Scope: not Scopes.None } && IsHttp(endpoint))
            .ToArray();
        Assert.True(routes.Length > 25, $"found {routes.Length} routes");
        foreach (var route in routes)
        {
            var rule = route.Metadata.GetMetadata<CallRule>()!;
            Assert.Equal(HttpStatusCode.Unauthorized, await Send(engine, route, "", null));
            Assert.Equal(HttpStatusCode.Unauthorized, await Send(engine, route, "", ApiKey.Create().Key));
            foreach (var scope in AllScopes)
            {
                var isAllowed = rule.Scope.HasFlag(ScopeNames.Parse(scope)) && !rule.EveryWorkspace;
                var status = await Send(engine, route, "", keys[scope]);
                Assert.True(
                    (status == HttpStatusCode.Forbidden) != isAllowed,
                    $"{route.RoutePattern.RawText} with {scope}: {status}");
                if (route.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not { } json
                    || json.MethodDescriptor.InputType.FindFieldByName("workspace") is not null)
                {
                    Assert.True(
                        await Send(engine, route, "other", keys[scope]) == HttpStatusCode.Forbidden,
                        $"{route.RoutePattern.RawText} with {scope} elsewhere");
                }
            }
        }
    }

    [Fact]
    public async Task Health_is_open_without_names_and_metrics_need_a_key_for_every_workspace()
    {
        var keys = new Dictionary<string, string>();
        await using var engine =
            await RunningEngine.StartEmpty(configure: Access.Keys.With(root => AddAll(root, keys)));
        using var health = await engine.Http.GetAsync("/health");
        Assert.DoesNotContain("default", await health.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/metrics", null));
        Assert.Equal(HttpStatusCode.Forbidden, await Get(engine, "/metrics", keys["read"]));
        Assert.Equal(HttpStatusCode.OK, await Get(engine, "/metrics", keys["everywhere"]));
        Assert.Equal(HttpStatusCode.Unauthorized, await Get(engine, "/nothing/here", null));
    }

    private static void AddAll(string root, Dictionary<string, string> keys)
    {
        foreach (var scope in AllScopes)
        {
            keys[scope] = Access.Keys.Add(root, scope, [scope]);
        }

        keys["everywhere"] = Access.Keys.Add(root, "everywhere", ["read"], ["*"]);
    }

    private static bool IsRefused(StatusCode status) =>
        status is StatusCode.PermissionDenied or StatusCode.Unauthenticated;

    private static bool IsHttp(RouteEndpoint endpoint) =>
        endpoint.Metadata.GetMetadata<GrpcMethodMetadata>() is null
            || endpoint.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>() is not null;

    private static async Task<StatusCode> Call(
        RunningEngine engine, MethodDescriptor method, string workspace, string? key)
    {
        var type = (method.IsClientStreaming, method.IsServerStreaming) switch
        {
            (false, false) => MethodType.Unary,
            (false, true) => MethodType.ServerStreaming,
            (true, true) => MethodType.DuplexStreaming,
            _ => MethodType.ClientStreaming,
        };
        var bytes = Marshallers.Create<byte[]>(message => message, message => message);
        var call = new Method<byte[], byte[]>(type, method.Service.FullName, method.Name, bytes, bytes);
        var request = Request(method, workspace).ToByteArray();
        var options = new CallOptions(
            key is null ? [] : new Metadata { { "authorization", $"Bearer {key}" } },
            TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(2));
        var invoker = engine.Channel.CreateCallInvoker();
        try
        {
            switch (type)
            {
                case MethodType.Unary:
                    await invoker.AsyncUnaryCall(call, null, options, request);
                    break;
                case MethodType.ServerStreaming:
                    using (var stream = invoker.AsyncServerStreamingCall(call, null, options, request))
                    {
                        await stream.ResponseStream.MoveNext(CancellationToken.None);
                    }

                    break;
                default:
                    using (var stream = invoker.AsyncDuplexStreamingCall(call, null, options))
                    {
                        try
                        {
                            await stream.RequestStream.WriteAsync(request);
                            await stream.RequestStream.CompleteAsync();
                        }
                        catch (Exception e) when (e is RpcException or InvalidOperationException)
                        {
                            // The call was refused before its first message: its status says why.
                        }

                        await stream.ResponseStream.MoveNext(CancellationToken.None);
                    }

                    break;
            }

            return StatusCode.OK;
        }
        catch (RpcException e)
        {
            return e.StatusCode;
        }
    }

    private static IMessage Request(MethodDescriptor method, string workspace)
    {
        var request = method.InputType.Parser.ParseFrom([]);
        method.InputType.FindFieldByName("workspace")?.Accessor.SetValue(request, workspace);
        return request;
    }

    private static async Task<HttpStatusCode> Send(
        RunningEngine engine, RouteEndpoint route, string workspace, string? key)
    {
        var transcoded = route.Metadata.GetMetadata<GrpcJsonTranscodingMetadata>();
        var method = route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods[0] ?? "GET";
        var path = Parameter().Replace(route.RoutePattern.RawText!, "x");
        var hasBody = transcoded?.HttpRule.Body.Length > 0;
        using var request = new HttpRequestMessage(
            new HttpMethod(method), hasBody || workspace.Length == 0 ? path : $"{path}?workspace={workspace}");
        if (method == "POST")
        {
            request.Content = new StringContent(
                hasBody ? $$"""{"workspace": "{{workspace}}"}""" : "", Encoding.UTF8, "application/json");
        }

        return await Send(engine, request, key);
    }

    private static async Task<HttpStatusCode> Get(RunningEngine engine, string path, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await Send(engine, request, key);
    }

    private static async Task<HttpStatusCode> Send(RunningEngine engine, HttpRequestMessage request, string? key)
    {
        request.Headers.Authorization = key is null ? null : new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var answer = await engine.Http.SendAsync(request);
            return answer.StatusCode;
        }
        catch (HttpRequestException e)
        {
            throw new InvalidOperationException($"{request.Method} {request.RequestUri}", e);
        }
    }

    [GeneratedRegex(@"\{[^}]*\}")]
    private static partial Regex Parameter();
}
