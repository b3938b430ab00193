using Google.Api;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Google.Protobuf.WellKnownTypes;
using ServiceDescriptor = Google.Protobuf.Reflection.ServiceDescriptor;

namespace Engine.Server.OpenApi;

/// <summary>The contract with the comments of its .proto files, which the generated classes do not have.</summary>
internal static class DescribedContract
{
    private const string Package = "engine.v1";

    /// <summary>The services by name.</summary>
    public static IReadOnlyList<ServiceDescriptor> Services()
    {
        using var file = typeof(Protos.V1.Recommender).Assembly.GetManifestResourceStream("contract.binpb")!;
        ByteString[] imports =
        [
            FileDescriptor.DescriptorProtoFileDescriptor.SerializedData,
            TimestampReflection.Descriptor.SerializedData,
            HttpReflection.Descriptor.SerializedData,
            AnnotationsReflection.Descriptor.SerializedData,
        ];
        var own = FileDescriptorSet.Parser.ParseFrom(file).File.Select(one => one.ToByteString());
        return
        [
            .. FileDescriptor.BuildFromByteStrings([.. imports, .. own], [AnnotationsExtensions.Http])
                .Where(one => one.Package == Package).SelectMany(one => one.Services)
                .OrderBy(service => service.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The route of a method; null when it has none.</summary>
    public static (string Method, string Path, bool HasBody)? Route(MethodDescriptor method)
    {
        var rule = method.GetOptions()?.GetExtension(AnnotationsExtensions.Http);
        var (verb, path) = rule?.PatternCase switch
        {
            HttpRule.PatternOneofCase.Get => ("get", rule.Get),
            HttpRule.PatternOneofCase.Post => ("post", rule.Post),
            HttpRule.PatternOneofCase.Delete => ("delete", rule.Delete),
            null or HttpRule.PatternOneofCase.None => ("", ""),
            _ => throw new NotSupportedException($"{method.FullName} has a route of another kind"),
        };
        return verb.Length == 0 ? null : (verb, path, rule!.Body.Length > 0);
    }

    /// <summary>The comment above a declaration, as one paragraph; empty when there is none.</summary>
    public static string Comment(DescriptorBase declared) => string.Join(
        ' ',
        (declared.Declaration?.LeadingComments ?? "")
            .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
}
