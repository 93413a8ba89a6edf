package javax.annotation;

/** Stands in for the library jakarta.annotation-api 1, which Maven brings and the generated code is marked with. */
public @interface Generated {
    String[] value();

    String comments() default "";
}
