using System.Text.Json.Nodes;
using Engine.Server.Access;
using Google.Protobuf.Reflection;

namespace Engine.Server.OpenApi;

/// <summary>
/// All routes as an OpenAPI 3.0 document: those of the contract from its annotations, comments and messages, and the
/// few others. Own code, because the package for it (Microsoft.AspNetCore.Grpc.Swagger) is experimental and knows
/// neither scopes nor the proto3 JSON of streams.
/// </summary>
internal static class OpenApiDocument
{
    private const string Json = "application/json";
    private const string Text = "text/plain";

    private static readonly PlainRoute[] PlainRoutes =
    [
        new(
            "/v1/tasks/{id}/download",
            "The result of a task as a file.",
            ["text/csv", "application/vnd.apache.parquet"],
            [
                new("workspace", "Empty means \"default\"."),
                new("format", "csv, parquet or skipped; empty means csv."),
                new("held_out", "true: the users who were held out.", "boolean"),
            ]),
        new(
            "/v1/audiences/{name}/export",
            "The ids of an audience: user_id, one a row.",
            ["text/csv"],
            [new("workspace", "Empty means \"default\".")]),
        new("/health", "The state of all workspaces, with reasons.", [Json]),
        new("/livez", "Whether the process answers.", [Text]),
        new("/readyz", "Whether calls should be sent here.", [Text]),
        new("/startupz", "Whether the first look at CURRENT is done, and the server has called itself.", [Text]),
        new("/metrics", "Counters for Prometheus.", [Text]),
        new("/openapi.json", "This document.", [Json]),
    ];

    /// <summary>The document.</summary>
    public static JsonObject Create()
    {
        var schemas = new MessageSchemas();
        var (paths, tags) = (new JsonObject(), new JsonArray());
        foreach (var service in DescribedContract.Services())
        {
            tags.Add(new JsonObject
            {
                ["name"] = service.Name,
                ["description"] = DescribedContract.Comment(service),
            });
            foreach (var method in service.Methods)
            {
                if (DescribedContract.Route(method) is var (verb, path, hasBody))
                {
                    Add(paths, path, verb, Operation(method, path, hasBody, schemas));
                }
            }
        }

        tags.Add(new JsonObject { ["name"] = "Other", ["description"] = "Files, health and metrics." });
        foreach (var route in PlainRoutes)
        {
            Add(paths, route.Path, "get", Operation(route));
        }

        var status = schemas.Of(Google.Rpc.Status.Descriptor);
        var components = new JsonObject
        {
            ["schemas"] = WithAny(schemas.All),
            ["responses"] = new JsonObject
            {
                ["Error"] = new JsonObject
                {
                    ["description"] = "What was found, what was expected, what to do.",
                    ["content"] = new JsonObject { [Json] = new JsonObject { ["schema"] = status } },
                },
            },
            ["securitySchemes"] = new JsonObject
            {
                ["key"] = new JsonObject
                {
                    ["type"] = "http",
                    ["scheme"] = "bearer",
                    ["description"] = "A key or a token. An engine without keys needs none.",
                },
            },
        };
        return new JsonObject
        {
            ["openapi"] = "3.0.3",
            ["info"] = new JsonObject
            {
                ["title"] = "Engine",
                ["version"] = typeof(OpenApiDocument).Assembly.GetName().Version!.ToString(3),
                ["description"] = "Product recommendations. The same calls as over gRPC, in proto3 JSON: "
                    + "64-bit numbers are strings, and a field without a value may be left out.",
            },
            ["servers"] = new JsonArray(new JsonObject { ["url"] = "/" }),
            ["tags"] = tags,
            ["paths"] = paths,
            ["components"] = components,
        };
    }

    private static void Add(JsonObject paths, string path, string verb, JsonObject operation)
    {
        if (paths[path] is not JsonObject known)
        {
            paths[path] = known = [];
        }

        known[verb] = operation;
    }

    private static JsonObject Operation(MethodDescriptor method, string path, bool hasBody, MessageSchemas schemas)
    {
        var rule = AccessTable.Rules[$"/{method.Service.FullName}/{method.Name}"];
        var operation = Start($"{method.Service.Name}_{method.Name}", method.Service.Name, rule);
        operation["description"] = $"{DescribedContract.Comment(method)} {ScopeText(rule)}".Trim();
        var parameters = method.InputType.Fields.InDeclarationOrder()
            .Select(field => (Field: field, IsPath: path.Contains($"{{{field.Name}}}", StringComparison.Ordinal)))
            .Where(one => one.IsPath
                || (!hasBody && !one.Field.IsRepeated && one.Field.FieldType != FieldType.Message))
            .Select(one => Parameter(
                one.IsPath ? one.Field.Name : one.Field.JsonName, one.IsPath, schemas.Of(one.Field)));
        operation["parameters"] = new JsonArray([.. parameters]);
        if (hasBody)
        {
            operation["requestBody"] = new JsonObject
            {
                ["required"] = true,
                ["content"] = Content([Json], schemas.Of(method.InputType)),
            };
        }

        var mediaType = method.IsServerStreaming ? "application/x-ndjson" : Json;
        operation["responses"] = Responses(
            method.IsServerStreaming ? "One JSON object a line." : "The reply.",
            Content([mediaType], schemas.Of(method.OutputType)));
        return operation;
    }

    private static JsonObject Operation(PlainRoute route)
    {
        var rule = AccessTable.Rules.GetValueOrDefault($"GET {route.Path}") ?? AccessTable.Rules[route.Path];
        var name = string.Concat(
            route.Path.Split('/', '{', '}', '.').Where(part => part.Length > 0)
                .Select(part => char.ToUpperInvariant(part[0]) + part[1..]));
        var operation = Start($"Other_Get{name}", "Other", rule);
        operation["description"] = $"{route.Description} {ScopeText(rule)}".Trim();
        var inPath = route.Path.Split('/').Where(part => part.StartsWith('{'))
            .Select(part => Parameter(part.Trim('{', '}'), isPath: true, new JsonObject { ["type"] = "string" }));
        var inQuery = (route.Parameters ?? []).Select(parameter => Parameter(
            parameter.Name,
            isPath: false,
            new JsonObject { ["type"] = parameter.Type, ["description"] = parameter.Description }));
        operation["parameters"] = new JsonArray([.. inPath, .. inQuery]);
        var schema = route.MediaTypes is [Json]
            ? new JsonObject { ["type"] = "object" }
            : new JsonObject { ["type"] = "string", ["format"] = "binary" };
        operation["responses"] = Responses(route.Description, Content(route.MediaTypes, schema));
        return operation;
    }

    private static JsonObject Start(string id, string tag, CallRule rule)
    {
        var operation = new JsonObject { ["operationId"] = id, ["tags"] = new JsonArray(tag) };
        if (rule.Scope != Scopes.None)
        {
            operation["security"] = new JsonArray(new JsonObject { ["key"] = new JsonArray() }, new JsonObject());
        }

        return operation;
    }

    private static string ScopeText(CallRule rule) => rule.Scope switch
    {
        Scopes.None => "",
        Scopes.Any => "A key of any scope is enough.",
        _ => $"Scope of the key: {ScopeNames.Of(rule.Scope)}{(rule.EveryWorkspace ? ", for all workspaces" : "")}.",
    };

    private static JsonObject Parameter(string name, bool isPath, JsonObject schema)
    {
        var parameter = new JsonObject { ["name"] = name, ["in"] = isPath ? "path" : "query" };
        if (isPath)
        {
            parameter["required"] = true;
        }

        if (schema.Remove("description", out var description))
        {
            parameter["description"] = description;
        }

        parameter["schema"] = schema;
        return parameter;
    }

    private static JsonObject Content(string[] mediaTypes, JsonObject schema) => new(mediaTypes.Select(
        mediaType => KeyValuePair.Create(mediaType, (JsonNode?)new JsonObject { ["schema"] = schema.DeepClone() })));

    private static JsonObject Responses(string description, JsonObject content) => new()
    {
        ["200"] = new JsonObject { ["description"] = description, ["content"] = content },
        ["default"] = new JsonObject { ["$ref"] = "#/components/responses/Error" },
    };

    // Details of a status are messages of several types, each with its name.
    private static JsonObject WithAny(JsonObject schemas)
    {
        schemas["Any"] = new JsonObject
        {
            ["type"] = "object",
            ["properties"] = new JsonObject { ["@type"] = new JsonObject { ["type"] = "string" } },
            ["additionalProperties"] = true,
        };
        return schemas;
    }

    private sealed record PlainParameter(string Name, string Description, string Type = "string");

    private sealed record PlainRoute(
        string Path, string Description, string[] MediaTypes, PlainParameter[]? Parameters = null);
}
