using System.Reflection;
using System.Reflection.Emit;

namespace Tests.Shared;

/// <summary>
/// Which namespaces of an assembly use which others, read from its compiled types: signatures, attributes and code.
/// </summary>
internal static class NamespaceGraph
{
    private const BindingFlags All = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>
    /// The cycles between namespaces, each as "A -> B (A.Type uses B.Type) -> A"; empty when there is none.
    /// </summary>
    public static IReadOnlyList<string> Cycles(Assembly assembly)
    {
        var edges = Edges(assembly);
        return [.. edges.Keys.Where(edge => Reaches(edges, edge.To, edge.From))
            .Select(edge => $"{edge.From} -> {edge.To}: {edges[edge]}").Order(StringComparer.Ordinal)];
    }

    private static bool Reaches(Dictionary<(string From, string To), string> edges, string from, string to)
    {
        var (seen, open) = (new HashSet<string>(StringComparer.Ordinal) { from }, new Stack<string>([from]));
        while (open.TryPop(out var at))
        {
            if (at == to)
            {
                return true;
            }

            foreach (var edge in edges.Keys.Where(edge => edge.From == at && seen.Add(edge.To)))
            {
                open.Push(edge.To);
            }
        }

        return false;
    }

    private static Dictionary<(string From, string To), string> Edges(Assembly assembly)
    {
        var edges = new Dictionary<(string From, string To), string>();
        foreach (var type in assembly.GetTypes().Where(type => type.Namespace is not null))
        {
            foreach (var used in Used(type).SelectMany(Parts))
            {
                if (used.Assembly == assembly && used.Namespace is { } to && to != type.Namespace)
                {
                    edges.TryAdd((type.Namespace!, to), $"{type.Name} uses {used.Name}");
                }
            }
        }

        return edges;
    }

    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        return type.IsGenericParameter
            ? []
            : type.IsGenericType ? [type, .. type.GetGenericArguments().SelectMany(Parts)] : [type];
    }

    private static IEnumerable<Type> Used(Type type)
    {
        var members = type.GetMembers(All);
        return
        [
            .. type.BaseType is { } parent ? new[] { parent } : [],
            .. type.GetInterfaces(),
            .. type.GetCustomAttributesData().Select(attribute => attribute.AttributeType),
            .. members.OfType<FieldInfo>().Select(field => field.FieldType),
            .. members.OfType<PropertyInfo>().Select(property => property.PropertyType),
            .. members.OfType<MethodInfo>().Select(method => method.ReturnType),
            .. members.OfType<MethodBase>()
                .SelectMany(method => method.GetParameters().Select(parameter => parameter.ParameterType)),
            .. members.OfType<MethodBase>().SelectMany(Code),
        ];
    }

    private static IEnumerable<Type> Code(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body || body.GetILAsByteArray() is not { } code)
        {
            return [];
        }

        var typeArguments = method.DeclaringType is { IsGenericType: true } declaring
            ? declaring.GetGenericArguments()
            : null;
        var methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        var used = new List<Type>(body.LocalVariables.Select(local => local.LocalType));
        foreach (var token in Tokens(code))
        {
            var member = method.Module.ResolveMember(token, typeArguments, methodArguments);
            used.AddRange(member is Type type ? [type] : member?.DeclaringType is { } owner ? [owner] : []);
            used.AddRange(member is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : []);
        }

        return used;
    }

    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var value = code[at] == 0xFE ? unchecked((short)(0xFE00 | code[at + 1])) : code[at];
            at += code[at] == 0xFE ? 2 : 1;
            var operand = OpCodes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok
                or OperandType.InlineType)
            {
                yield return BitConverter.ToInt32(code, at);
            }

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
