using System.Text.Json;
using Engine.Protos.V1;
using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Tests.Shared;
using Task = System.Threading.Tasks.Task;

namespace EndToEnd.Tests.Contract;

/// <summary>
/// The contract of this build breaks nothing of the released one (protos/released.binpb): buf compares names, numbers
/// and types, and the routes are compared here.
/// </summary>
public sealed class ReleasedContractTests
{
    private static readonly FileDescriptor[] Files =
    [
        AdminReflection.Descriptor, CatalogReflection.Descriptor, CommonReflection.Descriptor,
        EventsReflection.Descriptor, PlacementsReflection.Descriptor, RecommenderReflection.Descriptor,
        RulesReflection.Descriptor, SnapshotsReflection.Descriptor, TasksReflection.Descriptor,
    ];

    private static string Released => Path.Combine(TestData.Root, "protos", "released.binpb");

    [NodeFact]
    public async Task The_contract_breaks_nothing_that_was_released()
    {
        var (code, output, error) = await Compare(_ => { });
        Assert.True(code == 0, output + error);
    }

    [NodeTheory]
    [InlineData("RecommendRequest", "FIELD_NO_DELETE", "removes a field")]
    [InlineData("RecommendRequest", "FIELD_SAME_TYPE", "changes a type")]
    [InlineData("RecommendRequest", "FIELD_NO_DELETE", "changes a number")]
    [InlineData("RecommendRequest", "FIELD_SAME_JSON_NAME", "renames a field")]
    [InlineData("Recommender", "RPC_NO_DELETE", "removes a call")]
    [InlineData("Recommender", "RPC_SAME_RESPONSE_TYPE", "changes a reply")]
    public async Task A_broken_contract_is_found(string where, string rule, string change)
    {
        var (code, output, error) = await Compare(file =>
        {
            var field = file.MessageType.Single(message => message.Name == "RecommendRequest").Field[0];
            var methods = file.Service.Single().Method;
            switch (change)
            {
                case "removes a field":
                    file.MessageType.Single(message => message.Name == "RecommendRequest").Field.RemoveAt(0);
                    break;
                case "changes a type":
                    field.Type = FieldDescriptorProto.Types.Type.Bytes;
                    break;
                case "changes a number":
                    field.Number = 900;
                    break;
                case "renames a field":
                    (field.Name, field.JsonName) = ("other", "other");
                    break;
                case "removes a call":
                    methods.RemoveAt(0);
                    break;
                default:
                    methods[0].OutputType = methods[1].OutputType;
                    break;
            }
        });
        Assert.True(code == 100, output + error);
        var found = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Dictionary<string, object>>(line)!)
            .Select(line => (Rule: $"{line["type"]}", Message: $"{line["message"]}"));
        Assert.Contains(
            found,
            one => one.Rule == rule && one.Message.Contains($"\"{where}\"", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_released_route_is_still_there()
    {
        var routes = Files.SelectMany(file => file.Services).SelectMany(service => service.Methods)
            .Select(method => Route(method.FullName, method.GetOptions())).ToHashSet(StringComparer.Ordinal);
        var parser = FileDescriptorSet.Parser.WithExtensionRegistry([AnnotationsExtensions.Http]);
        var released = parser.ParseFrom(File.ReadAllBytes(Released)).File
            .Where(file => file.Package == "engine.v1").SelectMany(file => file.Service.SelectMany(service =>
                service.Method.Select(method => Route($"engine.v1.{service.Name}.{method.Name}", method.Options))))
            .ToArray();
        Assert.True(released.Length > 50, $"found {released.Length} calls");
        Assert.Empty(released.Except(routes));
    }

    private static string Route(string method, MethodOptions? options) =>
        $"{method} {options?.GetExtension(AnnotationsExtensions.Http)}";

    // buf, on the descriptors of this build after a change to those of the Recommender.
    private static async Task<ProgramOutput> Compare(Action<FileDescriptorProto> change)
    {
        using var folder = new TemporaryFolder();
        using var contract = typeof(RecommendRequest).Assembly.GetManifestResourceStream("contract.binpb")!;
        var files = FileDescriptorSet.Parser.ParseFrom(contract).File;
        change(files.Single(file => file.Name == "engine/v1/recommender.proto"));
        var imports = FileDescriptorSet.Parser.ParseFrom(await File.ReadAllBytesAsync(Released)).File
            .Where(file => file.Package != "engine.v1");
        var image = folder.File("contract.binpb");
        await File.WriteAllBytesAsync(image, new FileDescriptorSet { File = { imports, files } }.ToByteArray());
        return await ProgramOutput.Of(
            Path.Combine(NodeModules.Folder, ".bin", "buf"),
            "breaking",
            image,
            "--against",
            Released,
            "--error-format",
            "json",
            "--config",
            // Messages may move between files; declaring a call safe to repeat breaks nobody.
            """{"version":"v2","breaking":{"use":["PACKAGE"],"except":["RPC_SAME_IDEMPOTENCY_LEVEL"]}}""");
    }
}
