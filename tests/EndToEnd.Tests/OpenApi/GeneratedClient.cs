using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using NSwag.CodeGeneration.CSharp;
using NSwag.CodeGeneration.OperationNameGenerators;

namespace EndToEnd.Tests.OpenApi;

/// <summary>A client that NSwag generates from the served document, compiled with a program that uses it.</summary>
internal static class GeneratedClient
{
    /// <summary>The assembly of the client and a program.</summary>
    /// <param name="document">The served one.</param>
    /// <param name="program">C# that uses the namespace Generated.</param>
    public static Assembly Compile(NSwag.OpenApiDocument document, string program)
    {
        var settings = new CSharpClientGeneratorSettings
        {
            ClassName = "{controller}Client",
            UseBaseUrl = false,
            OperationNameGenerator = new MultipleClientsFromOperationIdOperationNameGenerator(),
            CSharpGeneratorSettings = { Namespace = "Generated", GenerateOptionalPropertiesAsNullable = true },
        };
        var client = new CSharpClientGenerator(document, settings).GenerateFile();
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file));
        var compilation = CSharpCompilation.Create(
            "Generated",
            new[] { client, program }.Select(text => CSharpSyntaxTree.ParseText(text)),
            references,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        using var bytes = new MemoryStream();
        var result = compilation.Emit(bytes);
        Assert.True(
            result.Success,
            string.Join('\n', result.Diagnostics.Where(one => one.Severity == DiagnosticSeverity.Error).Take(10)));
        bytes.Position = 0;
        return AssemblyLoadContext.Default.LoadFromStream(bytes);
    }
}
